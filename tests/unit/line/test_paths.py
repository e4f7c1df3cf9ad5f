"""Both sides of a line work out the same paths."""

from hypothesis import given
from hypothesis import strategies as st

from parley.config import PathSettings
from parley.identity.card import Endpoint
from parley.line.paths import own_endpoints, plan_paths

names = st.text("abc", min_size=1, max_size=2)
carriers = st.sampled_from([("udp",), ("tcp",), ("udp", "tcp")])
paths = st.lists(
    st.builds(
        lambda name, carried: PathSettings(name, advertise="192.0.2.1:1", carriers=carried),
        names,
        carriers,
    ),
    max_size=4,
    unique_by=lambda path: path.name,
)


@given(paths, paths)
def test_both_sides_call_every_path_the_same(
    ours: list[PathSettings], theirs: list[PathSettings]
) -> None:
    """Whatever each side has: the same names, in the same order, and no name twice."""
    here = plan_paths(ours, own_endpoints(theirs), ours_first=True)
    there = plan_paths(theirs, own_endpoints(ours), ours_first=False)

    common = {"udp"} if all("tcp" not in path.carriers for path in (*ours, *theirs)) else None
    if common is not None:
        assert [plan.name for plan in here] == [plan.name for plan in there]
    names_here = [plan.name for plan in here]
    assert len(set(names_here)) == len(names_here)


def test_two_providers_here_and_one_there_make_two_paths() -> None:
    """The side with fewer paths repeats its own."""
    ours = [
        PathSettings("fibre", "0.0.0.0:1"),
        PathSettings("satellite", "0.0.0.0:2", floor_kbps=64),
    ]

    first, second = plan_paths(ours, [Endpoint("main", "far.example:7400", False)], ours_first=True)

    assert (first.name, first.socket, first.address) == ("fibre/main", 0, "far.example:7400")
    assert (second.name, second.socket) == ("satellite/main", 1)
    assert second.floor_bps == 64_000


def test_equal_names_are_said_once() -> None:
    """A line between two nodes with one path each has the path "main"."""
    (plan,) = plan_paths([PathSettings()], [Endpoint("main", "", False)], ours_first=False)

    assert (plan.name, plan.address, plan.carrier) == ("main", "", "udp")


def test_tcp_is_a_path_of_its_own_where_both_sides_take_it() -> None:
    """And none where one does not."""
    both = PathSettings(carriers=("udp", "tcp"))
    assert [
        (plan.name, plan.carrier)
        for plan in plan_paths([both], own_endpoints([both]), ours_first=True)
    ] == [("main", "udp"), ("main tcp", "tcp")]
    one = own_endpoints([PathSettings()])
    assert [plan.carrier for plan in plan_paths([both], one, ours_first=True)] == ["udp"]


def test_names_that_would_clash_are_numbered() -> None:
    """The second a/a, for one."""
    ours = [PathSettings("a"), PathSettings("b")]
    theirs = [Endpoint("a", "", False), Endpoint("b", "", False), Endpoint("x", "", False)]
    names_here = [plan.name for plan in plan_paths(ours, theirs, ours_first=True)]

    assert names_here == ["a", "b", "a/x"]


def test_a_side_without_paths_has_no_line() -> None:
    """Nothing to dial, nothing to be dialled on."""
    assert plan_paths([], [Endpoint("main", "", False)], ours_first=True) == ()
