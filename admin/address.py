"""Choices that the address of a page holds by their codes, whatever the language shows.

Streamlit binds a choice to the address by its shown text, which differs by language.
"""

from collections.abc import Callable, Sequence

import streamlit as st


def adopted(name: str, options: Sequence[str], default: str) -> str:
    """The key of the widget of a choice, with the value that the address gives, if that is new."""
    key, seen = _key(name), f"address.{name}.seen"
    given = st.query_params.get(name, "")
    if key not in st.session_state or st.session_state.get(seen) != given:
        st.session_state[seen] = given
        st.session_state[key] = given if given in options else default
    return key


def chosen(name: str) -> str:
    """The code that is chosen now."""
    return str(st.session_state[_key(name)])


def choose(name: str, code: str) -> None:
    """Choose a code, before the widget is drawn."""
    st.session_state[_key(name)] = code


def _key(name: str) -> str:
    """A key for each language: a widget goes on to show a choice in the language of its first."""
    return f"address.{name}.{st.session_state.get('language', '')}"


def stored(name: str, default: str) -> None:
    """Put a choice into the address; the default leaves it."""
    value = chosen(name)
    if value == default:
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = value
    st.session_state[f"address.{name}.seen"] = "" if value == default else value


def storing(name: str, default: str) -> Callable[[], None]:
    """What a widget calls when its choice has changed."""
    return lambda: stored(name, default)
