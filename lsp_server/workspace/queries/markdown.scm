(atx_heading heading_content: (inline) @title) @heading
(setext_heading heading_content: (paragraph (inline) @title)) @heading
