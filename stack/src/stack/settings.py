"""What `make run` itself reads from the environment; the services read their own settings."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

RABBITMQ_PORT = 5672


class StackSettings(BaseSettings):
    """`home` holds all state; `amqp_url` names a RabbitMQ of your own instead of the private node."""

    model_config = SettingsConfigDict(
        env_prefix="SCONNECT_", frozen=True, extra="ignore", env_ignore_empty=True
    )

    home: Path = Path(".sconnect")
    amqp_url: SecretStr | None = None
    amqp_port: int = Field(default=RABBITMQ_PORT, ge=0, le=65535)


class DemoHomeSettings(BaseSettings):
    """Where the demo keeps its state; emptied at every start."""

    model_config = SettingsConfigDict(
        env_prefix="SCONNECT_DEMO_", frozen=True, extra="ignore", env_ignore_empty=True
    )

    home: Path = Path(".sconnect-demo")


class DemonstrationSettings(BaseSettings):
    """Where the demonstration finds both simulators, and how long an import may take."""

    model_config = SettingsConfigDict(env_prefix="DEMO_", frozen=True, extra="ignore")

    webshop_url: str
    snelstart_url: str
    import_timeout_seconds: int = Field(default=600, gt=0)
