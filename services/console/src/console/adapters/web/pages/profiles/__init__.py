"""The pages of profiles: a list, and per profile its tabs."""

from console.adapters.web.pages.profiles.pages import profile_pages

__all__ = ["profile_pages"]
