"""The base of the JSON that the API answers with; fields are added, never changed."""

from pydantic import BaseModel, ConfigDict


class Document(BaseModel):
    model_config = ConfigDict(frozen=True)
