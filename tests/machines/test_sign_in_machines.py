"""One-time links and sign-ins: every state with every event."""

import itertools

import pytest

from parley.errors import TransitionRefused
from parley.identity.sign_in import (
    LinkEvent,
    LinkState,
    SignInEvent,
    SignInState,
    next_link,
    next_sign_in,
)

LINK = {
    (LinkState.ISSUED, LinkEvent.OPEN): LinkState.USED,
    (LinkState.ISSUED, LinkEvent.EXPIRE): LinkState.EXPIRED,
    (LinkState.USED, LinkEvent.EXPIRE): LinkState.USED,
    (LinkState.EXPIRED, LinkEvent.EXPIRE): LinkState.EXPIRED,
}
SIGN_IN = {
    (SignInState.LIVE, SignInEvent.ASK): SignInState.LIVE,
    (SignInState.LIVE, SignInEvent.END): SignInState.ENDED,
    (SignInState.LIVE, SignInEvent.EXPIRE): SignInState.EXPIRED,
    (SignInState.ENDED, SignInEvent.END): SignInState.ENDED,
    (SignInState.ENDED, SignInEvent.EXPIRE): SignInState.ENDED,
    (SignInState.EXPIRED, SignInEvent.END): SignInState.EXPIRED,
    (SignInState.EXPIRED, SignInEvent.EXPIRE): SignInState.EXPIRED,
    (SignInState.LIVE, SignInEvent.COPY): SignInState.COPIED,
    (SignInState.ENDED, SignInEvent.COPY): SignInState.ENDED,
    (SignInState.EXPIRED, SignInEvent.COPY): SignInState.EXPIRED,
    (SignInState.COPIED, SignInEvent.END): SignInState.COPIED,
    (SignInState.COPIED, SignInEvent.EXPIRE): SignInState.COPIED,
    (SignInState.COPIED, SignInEvent.COPY): SignInState.COPIED,
}


@pytest.mark.parametrize(("state", "event"), list(itertools.product(LinkState, LinkEvent)))
def test_a_link_is_opened_once_and_in_time(state: LinkState, event: LinkEvent) -> None:
    """Only an issued link opens; nothing makes a used or expired one issued again."""
    if (state, event) in LINK:
        assert next_link(state, event) is LINK[state, event]
    else:
        with pytest.raises(TransitionRefused, match=state.value):
            next_link(state, event)


@pytest.mark.parametrize(("state", "event"), list(itertools.product(SignInState, SignInEvent)))
def test_only_a_live_sign_in_may_ask(state: SignInState, event: SignInEvent) -> None:
    """An ended or expired sign-in is never live again."""
    if (state, event) in SIGN_IN:
        assert next_sign_in(state, event) is SIGN_IN[state, event]
    else:
        with pytest.raises(TransitionRefused, match=event.value):
            next_sign_in(state, event)
