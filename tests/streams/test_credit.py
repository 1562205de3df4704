"""The credit window: bounded, fair, and never stuck."""

from __future__ import annotations

import asyncio

import pytest

from dockerui.streams import CreditWindow, WindowClosed


async def _turn() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


async def test_it_admits_up_to_the_limit_and_then_waits_for_an_ack() -> None:
    window = CreditWindow(100)
    await window.acquire(60)
    await window.acquire(40)
    waiting = asyncio.ensure_future(window.acquire(1))
    await _turn()
    assert not waiting.done()
    window.ack(1)
    await waiting
    assert window.under_way == 100


async def test_more_than_the_limit_goes_alone() -> None:
    window = CreditWindow(10)
    await window.acquire(1000)
    waiting = asyncio.ensure_future(window.acquire(1))
    await _turn()
    assert not waiting.done()
    window.ack(1000)
    await waiting


async def test_waiters_are_served_in_order_even_if_a_later_one_would_fit() -> None:
    window = CreditWindow(10)
    await window.acquire(9)
    big, small = asyncio.ensure_future(window.acquire(5)), asyncio.ensure_future(window.acquire(1))
    await _turn()
    assert not small.done()
    assert window.available == 0
    window.ack(4)
    await asyncio.gather(big)
    await _turn()
    assert not small.done()
    window.ack(5)
    await small


async def test_a_cancelled_waiter_gives_its_place_to_the_next() -> None:
    window = CreditWindow(10)
    await window.acquire(8)
    big, small = asyncio.ensure_future(window.acquire(9)), asyncio.ensure_future(window.acquire(2))
    await _turn()
    big.cancel()
    await asyncio.wait_for(small, 1)
    assert window.under_way == 10


async def test_a_waiter_cancelled_after_its_turn_came_gives_the_credit_back() -> None:
    window = CreditWindow(10)
    await window.acquire(10)
    waiting = asyncio.ensure_future(window.acquire(4))
    await _turn()
    window.ack(10)  # the turn has come, the task has not run yet
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert window.under_way == 0


async def test_closing_wakes_all_waiters_and_refuses_new_ones() -> None:
    window = CreditWindow(1)
    await window.acquire(1)
    waiting = [asyncio.ensure_future(window.acquire(1)) for _ in range(3)]
    await _turn()
    window.close()
    window.close()
    assert all(isinstance(r, WindowClosed) for r in await asyncio.gather(*waiting, return_exceptions=True))
    with pytest.raises(WindowClosed):
        await window.acquire(1)


async def test_acknowledging_more_than_was_sent_grants_nothing_extra() -> None:
    window = CreditWindow(10)
    window.ack(1000)
    window.ack(-5)
    await window.acquire(10)
    assert window.available == 0
