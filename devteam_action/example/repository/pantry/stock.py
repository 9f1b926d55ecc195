"""Items and how many pieces there are of each."""


class Stock:
    """The pantry's content."""

    def __init__(self) -> None:
        self.pieces: dict[str, int] = {}

    def put(self, item: str, pieces: int = 1) -> None:
        """Adds pieces of an item."""
        self.pieces[item] = self.pieces.get(item, 0) + pieces

    def take(self, item: str, pieces: int = 1) -> None:
        """Takes pieces of an item out."""
        self.pieces[item] = self.pieces.get(item, 0) - pieces
