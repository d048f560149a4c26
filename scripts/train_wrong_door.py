"""Train the wrong door's model: tested on subjects that it has not seen, then trained on everything and written."""

import json
import sys
from pathlib import Path

from evenhand.orders.wrong_door_letters import labelled_letters
from evenhand.orders.wrong_door_training import Share, Tested, halves, train_door_model, try_door_model, try_in_folds

MODEL = Path(__file__).parents[1] / "src" / "evenhand" / "orders" / "wrong_door.npz"


def main() -> None:
    """Print the figures of the tested twin as JSON and write the model."""
    letters = labelled_letters()
    seen, unseen = halves(letters)
    halved = {name: _figures(tested) for name, tested in try_door_model(train_door_model(seen), unseen).items()}
    figures = {name: _figures(tested) for name, tested in try_in_folds(letters).items()}
    model = train_door_model(letters)
    MODEL.write_bytes(model.save())
    sys.stdout.write(json.dumps({"letters": len(letters), "in_folds": figures, "by_halves": halved}, indent=1) + "\n")


def _figures(tested: Tested) -> dict[str, dict[str, float]]:
    return {"recall": _share(tested.recall), "false_alarms": _share(tested.false_alarms)}


def _share(share: Share) -> dict[str, float]:
    low, high = share.bounds
    return {"share": round(share.share, 3), "low": round(low, 3), "high": round(high, 3), "of": share.of}


if __name__ == "__main__":
    main()
