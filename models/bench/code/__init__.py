"""Measurements of index, search and hover on pinned trees, beside ripgrep and universal-ctags."""
