"""How the editor hears of it: the language server."""
