"""How a question becomes an answer: prompt, tools, limits, checked citations."""
