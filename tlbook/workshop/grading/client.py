"""A notebook client that keeps nothing of what cells print, and remembers what they raise."""

from typing import Any

from nbclient import NotebookClient

_LOUD = ("stream", "display_data", "execute_result", "update_display_data")


class Quiet(NotebookClient):
    """A client that keeps of the output only the names of the errors."""

    def __init__(self, notebook: Any, **options: Any) -> None:
        super().__init__(notebook, **options)
        self.errors: list[str] = []

    def process_message(self, msg: dict[str, Any], cell: Any, cell_index: int) -> Any:
        if msg["msg_type"] in _LOUD:
            return None
        if msg["msg_type"] == "error":
            words = f"cell {cell_index}: {msg['content']['ename']}: {msg['content']['evalue']}"
            self.errors.append(" ".join(words.split())[:300])
            return None
        return super().process_message(msg, cell, cell_index)
