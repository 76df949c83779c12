"""Reuse of keys and values by longest common prefix."""

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from lsp_server.resident.prefix_cache import Held, PrefixCache, common_prefix
from support.scripted_backend import ScriptedBackend, ScriptedState, byte_chat

BACKEND = ScriptedBackend(byte_chat(), lambda _: "")


def cache_of(*conversations: Iterable[int], budget: int = 10**9) -> PrefixCache:
    cache = PrefixCache(BACKEND, budget)
    for tokens in conversations:
        known = list(tokens)
        cache.give_back(Held(ScriptedState(known.copy()), known))
    return cache


def test_a_follow_up_takes_the_whole_conversation() -> None:
    """A prompt that goes on where a conversation ended reuses all of it."""
    taken = cache_of(range(100)).take([*range(100), 7, 8])
    assert taken.tokens == list(range(100)) == taken.state.tokens


def test_the_last_prompt_token_is_always_left() -> None:
    """An identical prompt leaves one token to compute, since its logits are needed."""
    assert cache_of(range(100)).take(list(range(100))).tokens == list(range(99))


def test_another_conversation_shares_the_beginning_and_leaves_the_first_whole() -> None:
    """A prompt that shares only the system prompt copies it; the older conversation is still there."""
    cache = cache_of(range(100))
    assert cache.take([*range(20), 500, 501]).tokens == list(range(20))
    assert cache.take([*range(100), 9]).tokens == list(range(100))


def test_nothing_in_common_starts_anew() -> None:
    """An unknown prompt gets an empty state."""
    assert cache_of(range(10)).take([99, 98]).tokens == []


def test_the_oldest_goes_beyond_the_budget() -> None:
    """The byte budget is never exceeded; the least recently used conversation goes first."""
    cache = cache_of([1] * 50, [2] * 50, [3] * 50, budget=2 * 50 * 100)
    assert cache.nbytes() <= 2 * 50 * 100
    assert cache.take([1] * 60).tokens == []
    assert cache.take([3] * 60).tokens == [3] * 50


def test_what_passes_displaces_no_conversation() -> None:
    """Of explanations only the newest is kept, for its beginning; it goes before any conversation does."""
    cache = cache_of([1] * 50, [2] * 40, budget=200 * 100)
    for number in range(5):
        tokens = [7] * 20 + [10 + number] * 60
        cache.give_back(Held(ScriptedState(tokens.copy()), tokens, passing=True))
    assert cache.nbytes() == (50 + 40 + 80) * 100
    assert cache.take([7] * 20 + [13] * 30).tokens == [7] * 20
    cache.give_back(Held(ScriptedState([3] * 50), [3] * 50))
    assert cache.take([1] * 60).tokens == [1] * 50


def test_a_state_beyond_the_budget_is_not_kept() -> None:
    """One conversation larger than the budget is forgotten."""
    assert cache_of(range(100), budget=10).nbytes() == 0


@given(st.lists(st.lists(st.integers(0, 3), max_size=60), max_size=6), st.lists(st.integers(0, 3), min_size=1))
def test_what_is_taken_is_a_prefix_and_the_longest(conversations: list[list[int]], prompt: list[int]) -> None:
    """The state's tokens are the longest known prefix, short of the prompt's end, and its contents agree."""
    cache = cache_of(*conversations)
    best = max((common_prefix(known, prompt) for known in conversations), default=0)
    taken = cache.take(prompt)
    assert taken.tokens == prompt[: min(best, len(prompt) - 1)] == taken.state.tokens


def test_what_was_computed_ahead_is_cut_away() -> None:
    """A state that is given back holds its tokens, and no draft beyond them."""
    cache = PrefixCache(BACKEND, 10**9)
    state = ScriptedState([1, 2, 3, 4, 5])
    cache.give_back(Held(state, [1, 2, 3], ahead=[4, 5]))
    assert state.tokens == [1, 2, 3]
    assert cache.take([1, 2, 3, 4]).tokens == [1, 2, 3]
