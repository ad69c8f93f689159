"""What a saved notebook keeps of its widgets: the picture that stands for them, not the live view.

A live view belongs to one kernel. Opened with another one it says "model not found".
"""

from typing import Any

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def without_widget_views(outputs: list[Any]) -> list[Any]:
    """Return a cell's outputs without live widgets, which show nothing when no kernel runs.

    The static picture that every widget leaves beside it stays.
    """
    kept = []
    for output in outputs:
        data = output.get("data")
        if data is not None and WIDGET_VIEW in data:
            del data[WIDGET_VIEW]
            # What is left beside a widget is its repr: only a real picture is worth keeping.
            if set(data) <= {"text/plain"}:
                continue
        kept.append(output)
    return kept


def before_saving(model: dict[str, Any], **_: Any) -> None:
    """Take the live views out of what JupyterLab saves (a ``pre_save_hook`` of its server)."""
    if model.get("type") != "notebook" or not isinstance(model.get("content"), dict):
        return
    for cell in model["content"].get("cells", []):
        if cell.get("cell_type") == "code":
            cell["outputs"] = without_widget_views(cell.get("outputs", []))
    model["content"].get("metadata", {}).pop("widgets", None)
