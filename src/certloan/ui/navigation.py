"""Which pages there are, whose they are, and where each role begins.

The page decides the role: there is no second place that could disagree, and every act of a page is asked of the
services as that role.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from certloan.domain.people import Role
from certloan.i18n import Lang
from certloan.ui import boundary, session
from certloan.ui.components import frame
from certloan.ui.palette import Palette
from certloan.ui.views import case, fairness, preview, queue
from certloan.ui.visit import Visit
from certloan.ui.words import word


@dataclass(frozen=True)
class View:
    """A page: its name in addresses and texts, whose it is, and what draws it."""

    name: str
    role: Role
    draw: Callable[[Visit], None]


#: The first page of a role is where it begins; the very first is where everybody begins.
VIEWS = (
    View("queue", Role.OFFICER, queue.show),
    View("case", Role.OFFICER, case.show),
    View("preview", Role.ENTERPRISE, preview.show),
    View("fairness", Role.REGULATOR, fairness.show),
)
ROLES = tuple(dict.fromkeys(view.role for view in VIEWS))


def home(role: Role) -> str:
    """Give the name of the page where a role begins.

    >>> home(Role.REGULATOR)
    'fairness'
    """
    return next(view.name for view in VIEWS if view.role is role)


def run(lang: Lang, palette: Palette) -> None:
    """Draw the page that the address names, under the frame that all pages share."""
    pages: dict[str, StreamlitPage] = {}

    def go(name: str, parameters: Mapping[str, str]) -> None:
        st.switch_page(pages[name], query_params=session.address() | dict(parameters))

    visit = Visit(lang, palette, go)
    for place, view in enumerate(VIEWS):
        title = word(f"page.{view.name}", lang)
        pages[view.name] = st.Page(_drawn(view, visit), title=title, url_path=view.name, default=place == 0)
    current = st.navigation(list(pages.values()), position="hidden")
    view = next(view for view in VIEWS if pages[view.name] is current)
    chosen = frame.header(view.role, ROLES, lang)
    if chosen is not view.role:
        go(home(chosen), {})
    session.keep_address()
    boundary.guarded(current.run, lang)
    frame.footer(lang)


def _drawn(view: View, visit: Visit) -> Callable[[], None]:
    def draw() -> None:
        view.draw(visit)

    return draw
