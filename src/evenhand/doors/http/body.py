"""What every body has in common that a program sends. It knows no server, so that a child may read bodies too."""

from pydantic import BaseModel, ConfigDict


class Body(BaseModel):
    """What programs send: unknown fields are refused, not ignored."""

    model_config = ConfigDict(extra="forbid")
