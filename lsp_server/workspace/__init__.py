"""What the person's files say: scope, files, search, symbols and read-only commands.

Knows neither model nor editor. Every file that anything here reads is opened in `scope.py`.
"""
