"""The context that every page gets: language, client, signed-in user, and the other pages."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from admin.client import Client, CurrentUser, Document
from admin.i18n import Localizer


@dataclass(frozen=True, slots=True)
class PageContext:
    """One rerun for one signed-in user.

    ``home`` is what waits and the state of the installation, empty where the control plane did not
    say; ``pages`` are those that the user may open, by name.
    """

    localize: Localizer
    client: Client
    user: CurrentUser
    home: Document = field(default_factory=dict)
    pages: dict[str, StreamlitPage] = field(default_factory=dict)

    def open(self, name: str, parameters: Mapping[str, str]) -> None:
        """Go to a page under an address with these parameters; nothing where it is not allowed."""
        if name in self.pages:
            st.switch_page(self.pages[name], query_params=dict(parameters))

    def link(self, name: str, label: str, parameters: Mapping[str, str]) -> None:
        """Draw a link to a page, where the user may open it."""
        if name in self.pages:
            page = self.pages[name]
            st.page_link(page, label=label, query_params=dict(parameters), icon=page.icon or None)
