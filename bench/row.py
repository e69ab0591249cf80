"""One line of the table."""
from dataclasses import dataclass


@dataclass
class Row:
    what: str
    figure: str
    goal: str
    reached: bool
    value: float
    peer: str = ""
    peer_figure: str = ""
    peer_value: float = 0.0
