"""A papermill engine that keeps so much of a cell's output and no more.

A loop that prints for ever would fill the memory of the worker, the executed copy and its page.
"""

from collections import Counter
from typing import Any

from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines

NAME = "bounded"
MOST_TEXT = 1_000_000
MOST_DATA = 30_000_000


class BoundedClient(PapermillNotebookClient):
    """A client that cuts text at a million characters a cell, pictures and tables at 30 million."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._text: Counter[int] = Counter()
        self._data: Counter[int] = Counter()

    def process_message(self, msg: dict[str, Any], cell: Any, cell_index: int) -> Any:
        content = msg["content"]
        if msg["msg_type"] == "stream":
            left = MOST_TEXT - self._text[cell_index]
            self._text[cell_index] += len(content["text"])
            if left <= 0:
                return None
            if len(content["text"]) > left:
                content["text"] = (
                    content["text"][:left] + "\n… cut: more than a million characters\n"
                )
        elif msg["msg_type"] in ("display_data", "execute_result", "update_display_data"):
            self._data[cell_index] += sum(len(str(value)) for value in content["data"].values())
            if self._data[cell_index] > MOST_DATA:
                content["data"] = {"text/plain": "… cut: more than 30 million characters"}
        return super().process_message(msg, cell, cell_index)


class BoundedEngine(NBClientEngine):
    """papermill's own engine, with a client that keeps output within bounds."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: Any, kernel_name: str, start_timeout: int = 60, **options: Any
    ) -> Any:
        """Execute the notebook that papermill manages."""
        kept = {k: v for k, v in options.items() if k not in ("input_path", "execution_timeout")}
        client = BoundedClient(
            nb_man, kernel_name=kernel_name, startup_timeout=start_timeout, **kept
        )
        return client.execute()


papermill_engines.register(NAME, BoundedEngine)
