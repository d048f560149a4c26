"""What every body has in common that a program sends. It knows no server, so that a child may read bodies too."""

from pydantic import BaseModel, ConfigDict

NOT_BLANK = r"[^\s\x1c-\x1f\x85]"
"""Some letter that is more than space, in whatever dialect the pattern is read: not all of them take these as space."""


class Body(BaseModel):
    """What programs send: unknown fields are refused, not ignored."""

    model_config = ConfigDict(extra="forbid")
