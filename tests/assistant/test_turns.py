"""Work for many people on few processors: in turns, in order, with none lost."""

from __future__ import annotations

import threading

import pytest
import torch

from assistant.turns import Turns
from knowledge.embedding.threads import _usual


def test_no_more_than_allowed_are_at_work_and_those_who_wait_go_in_the_order_in_which_they_came() -> None:
    turns = Turns(1)
    began: list[int] = []
    queued = threading.Semaphore(0)
    threads = []

    def work(number: int) -> None:
        queued.release()
        with turns.one():
            began.append(number)

    with turns.one():
        for number in range(12):
            threads.append(threading.Thread(target=work, args=(number,)))
            threads[-1].start()
            queued.acquire()
            while turns.waiting <= number:  # it stands in the queue before the next one comes
                pass
        assert began == []
    for thread in threads:
        thread.join(10)
    assert began == list(range(12))
    assert turns.waiting == 0


def test_two_may_work_side_by_side_where_there_is_room() -> None:
    turns = Turns(2)
    both = threading.Barrier(2, timeout=10)

    def work() -> None:
        with turns.one():
            both.wait()

    other = threading.Thread(target=work)
    other.start()
    work()
    other.join(10)


def test_who_holds_a_turn_may_take_it_again() -> None:
    turns = Turns(1)
    with turns.one(), turns.one():
        pass
    with turns.one():
        pass


def test_a_turn_computes_on_one_core_and_leaves_the_others_to_what_is_done_in_bulk() -> None:
    usual = torch.get_num_threads()
    torch.set_num_threads(2)
    _usual.cache_clear()
    try:
        turns = Turns(1)
        with turns.one():
            with turns.one():
                assert torch.get_num_threads() == 1
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(usual)
        _usual.cache_clear()


def test_a_turn_is_passed_on_when_the_work_fails() -> None:
    turns = Turns(1)
    with pytest.raises(ValueError, match="bad"), turns.one():
        raise ValueError("bad")
    with turns.one():
        pass
