"""The demonstration's notices: something in every queue, and nothing new the second time."""

from evenhand.flow.office import Office
from evenhand.flow.shipped_notices import CAMPAIGN_SIZE, seed_demonstration
from evenhand.views import desk
from evenhand.vocabulary.decision import Action
from scenario.desk.scene import NOON, chance


def test_every_queue_has_something_and_twice_is_once(office: Office) -> None:
    """A case in each queue, a campaign, an appeal, two decisions; a second call changes nothing."""
    assert seed_demonstration(office, NOON, chance) == 11 + CAMPAIGN_SIZE
    counts = desk.figures(office.queries)
    queues = ("child-safety", "terror", "life", "minors", "violence", "speech", "fraud", "rights", "general", "appeals")
    assert {queue: counts.get(f"case/queue/{queue}", 0) > 0 for queue in queues} == dict.fromkeys(queues, True)
    assert [count for _campaign, count in desk.campaigns(office.queries)] == [CAMPAIGN_SIZE]
    assert len(desk.decided(office.queries, "action", Action.REMOVE.value)) == 1
    assert len(desk.decided(office.queries, "action", Action.NONE.value)) == 1
    last = _last(office)
    assert seed_demonstration(office, NOON, chance) == 0
    assert _last(office) == last


def _last(office: Office) -> int:
    number = 1
    while office.queries.record(number) is not None:
        number += 1
    return number
