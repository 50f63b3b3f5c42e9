"""How a monthly review is shown: as a document, in the terminal, on the page."""
