"""What an owner is promised about a whole story; each gives what broke it."""

from collections.abc import Callable, Iterator

from custom_components.energy_storage.engine import Act, ControlState
from custom_components.energy_storage.engine.command import CommandKind, Guard, Limit, OutageSafe, Unattended
from custom_components.energy_storage.engine.fit import narrower
from custom_components.energy_storage.vendors.sigen.held import Installation
from custom_components.energy_storage.vendors.sigen.write_guards import Refusal
from tests.vendors.sigen.bench import Day, day_alone

from .claims import CLAIMS, MEASURED_W, SOC_PCT, Claim, in_charge, keeps_import, told
from .story import Moment, Story, Turn

HOLD_PCT = 2.4
"""What `hold` gives back where the backup reserve is what holds: that is stored, so it moves in steps."""
RECOVERY_S = 120.0
"""After a fault has ended, all is well again by then."""
WISH_S = 60.0
RESUME_PCT = 2.1
"""So far above its floor a battery that stood at it gives again."""
REFILL_W = 300.0
"""What a plant at its cut-off takes now and then to make up for its standby."""
STANDBY_WH = 400.0
"""What a day of standby may cost."""

type Promise = Callable[[Story], Iterator[str]]


def at_once(story: Story) -> Iterator[str]:
    """On an ideal link every claim holds as soon as a cycle is over."""
    for moment in story.moments:
        for claim in CLAIMS:
            if wrong := claim(moment, moment.now):
                yield f"{claim.__name__}: {wrong} at {told(moment, moment.now)}"


def in_time(story: Story) -> Iterator[str]:
    """On a real link a claim is broken no longer than `react_s` and one more cycle.

    Where a request was lost or something went wrong, as long after that as recovery takes.
    """
    for claim in CLAIMS:
        yield from _in_time(story, claim)


def _in_time(story: Story, claim: Claim) -> Iterator[str]:
    since: float | None = None
    for moment in story.moments:
        for sample in moment.later:
            wrong = claim(moment, sample)
            since = None if wrong is None else sample.at_s if since is None else since
            if (
                wrong is not None
                and since is not None
                and sample.end_s > _allowed_until(story, moment, since)
            ):
                yield f"{claim.__name__}: {wrong} since {since:.0f} s at {told(moment, sample)}"


def _allowed_until(story: Story, moment: Moment, since: float) -> float:
    link = story.scenario.link
    slowest_s = RECOVERY_S if moment.react_s is None else moment.react_s
    until = since + slowest_s + link.poll_s + link.obey_s + 2.0
    failed = max((at for at in story.failed_at if since - RECOVERY_S <= at <= moment.end_s), default=None)
    return until if failed is None else max(until, failed + RECOVERY_S)


def stays_above_floor(story: Story) -> Iterator[str]:
    """Below its floor the battery gives no more, once the plant holds what is decided.

    Unless it is said that nothing can keep it. A plant with a gateway keeps what it has by its reserve,
    which follows the SOC in steps, and its own import limit comes before a reserve. Where no device holds
    the floor, a small battery falls in the time that a correction takes.
    """
    battery = story.scenario.plant.plant
    steps_pct = HOLD_PCT if battery.backup_supply else 0.0
    least_pct: float | None = None
    for moment in story.moments:
        decision, sample = moment.view.decision, moment.now
        floor = decision.floor_soc_pct
        bound = in_charge(moment, sample) and not decision.cannot_hold and not keeps_import(moment, sample)
        held = moment.view.holding.confirmed and moment.view.holding.command == decision.command
        if not bound or floor is None or not held:
            least_pct = None
            continue
        least_pct = min(floor, sample.soc_pct if least_pct is None else max(least_pct, sample.soc_pct))
        react_s = story.scenario.link.poll_s + (moment.react_s or story.scenario.link.poll_s)
        late_pct = 100 * battery.max_discharge_w * react_s / 3600 / battery.battery_capacity_wh
        if decision.guards.get(Limit.BACKUP_RESERVE) is Guard.DEVICE:
            late_pct = 0.0
        if sample.soc_pct < least_pct - SOC_PCT - steps_pct - late_pct:
            yield f"fell to {sample.soc_pct:.1f} % at {told(moment, sample)}"


def leaves_alone(story: Story) -> Iterator[str]:
    """To a plant that somebody else controls nothing is written."""
    for moment in story.moments:
        if moment.view.decision.control is ControlState.YIELDED and moment.writes:
            yield f"{moment.writes} at {told(moment, moment.now)}"


def spares_the_flash(story: Story) -> Iterator[str]:
    """Once the budget of a day is spent, only what narrows or hands back is still written."""
    for moment, turn in turns(story):
        if turn.writes_left == 0 and turn.decision.act is Act.APPLY and not _may_at_once(moment, turn):
            yield f"{turn.writes} for {turn.decision.command} instead of {turn.held}"


def takes_its_time(story: Story) -> Iterator[str]:
    """Between two changes that let more flow there is a minute, unless a person or a limit wants them."""
    changed: Turn | None = None
    for moment, turn in turns(story):
        if turn.decision.act is not Act.APPLY or not turn.writes:
            continue
        quick = changed is not None and changed.cause == turn.cause and turn.at_s - changed.at_s < WISH_S
        if quick and not _may_at_once(moment, turn):
            yield f"{turn.decision.command} instead of {turn.held} at {told(moment, moment.now)}"
        changed = turn if turn.grid else None  # what an outage has ended goes on when it is over


def _may_at_once(moment: Moment, turn: Turn) -> bool:
    """Tell whether a change lets nothing more flow, or has to be.

    In an outage, for a fuse that the house alone would pass, to leave a plant that is written no more,
    or because a limit may forbid what was held: then it becomes something else, and not more of the same.
    """
    decision, held, sample = turn.decision, turn.held, moment.now
    reasons = {reason.code for reason in decision.reasons}
    if decision.command is None or held is None or not turn.grid or reasons & {"off_grid", "write_budget"}:
        return True
    passed = moment.fuse_w is not None and max(sample.rest_w, *sample.rest_phases_w) > moment.fuse_w
    forbids = any(guard is not Guard.DEVICE for guard in decision.guards.values())
    forbids = forbids or sample.soc_pct < (decision.floor_soc_pct or 0.0) + RESUME_PCT
    another = decision.command.kind is not held.kind
    return passed or narrower(decision.command, held) or (another and forbids)


def ends_well(story: Story) -> Iterator[str]:
    """Two minutes after the last fault the plant does what is decided, or we say why it does not."""
    last = story.moments[-1]
    view, holding = last.view, last.view.holding
    decision, remote = view.decision, story.world.sim.controls.number("remote_ems_enable")
    if decision.control is ControlState.YIELDED or view.code in (
        Refusal.SOC_AT_FLOOR,
        Refusal.TARGET_REACHED,
    ):
        return
    command = decision.command if decision.control is ControlState.ON else None
    if command is not None and command.kind is CommandKind.RELEASE:
        command = None
    if holding.command != command or not holding.confirmed or (command is None and remote):
        yield f"remote {remote}, {holding} at {told(last, last.now)}"


def left_alone(story: Story) -> Iterator[str]:
    """When Home Assistant dies after any cycle, a day alone passes nothing that was said to be safe."""
    last, plant = story.moments[-1], story.world.sim.plant
    decision, command = last.view.decision, last.view.holding.command
    if decision.control is not ControlState.ON:
        return
    ability = None if command is None else last.view.abilities[command.kind]
    limits = Installation(
        import_limit_w=decision.device_limits.get(Limit.IMPORT),
        export_limit_w=decision.device_limits.get(Limit.EXPORT),
    )
    floor_pct = min(last.now.soc_pct, max(last.now.own_floor_pct, 0.0))
    ceiling_pct = max(last.now.soc_pct, plant.posture.charge_cutoff_soc_pct)
    plant.pv_override_w = None
    day = day_alone(plant, limits)
    found = _broken(day, limits, unsafe=ability is not None and ability.unattended is Unattended.UNSAFE)
    standby_pct = 100 * 25 * plant.config.self_discharge_w / plant.config.battery_capacity_wh
    if day.lowest_pct < floor_pct - 1 - standby_pct or day.highest_pct > ceiling_pct + 1:
        found.append("cut-offs")
    safe = ability is not None and ability.unattended is Unattended.SAFE
    if safe and max(day.grid_to_battery_wh, day.battery_to_grid_wh) > STANDBY_WH:
        found.append("money")
    lit = ability is not None and command is not None and ability.outage(command) is OutageSafe.YES
    if lit and plant.config.backup_supply and day.dark_h and day.lowest_pct > floor_pct + 6:
        found.append("dark")
    if found:
        yield f"{found}: {day}, floor {floor_pct}, holding {command}, at {told(last, last.now)}"


def _broken(day: Day, limits: Installation, *, unsafe: bool) -> list[str]:
    found: list[str] = []
    if limits.import_limit_w is not None and day.over_import_w > REFILL_W and not unsafe:
        found.append("import")
    if limits.export_limit_w is not None and day.over_export_w > MEASURED_W and not unsafe:
        found.append("export")
    return found


def turns(story: Story) -> Iterator[tuple[Moment, Turn]]:
    """Walk through everything that was decided."""
    for moment in story.moments:
        for turn in moment.turns:
            yield moment, turn
