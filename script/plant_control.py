"""Commands a plant as Home Assistant does, and remembers in a file what was there before."""

import argparse
import asyncio
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import replace
import sys

from custom_components.energy_storage.engine.command import Ability, BatteryCommand, OutageSafe
from custom_components.energy_storage.engine.plant import DeviceKind, Ownership
from custom_components.energy_storage.vendors.control import (
    Applied,
    DeviceLimits,
    Order,
    Outcome,
    PlantControl,
    Request,
)
from custom_components.energy_storage.vendors.driver import Driver, Due, Tier
from custom_components.energy_storage.vendors.write import CommandRefusedError
from script.battery_command import shown
from script.plant_registers import write_order
from script.plant_state import StateFile, default_path
from script.plant_words import (
    NO_COMMANDS,
    OWNERS,
    SOMEONE_ELSE,
    NotDoneError,
    left_alone,
    needs_consent,
    sentence,
)
from script.plant_writes import on_the_wire, results, told

_TRIES = 2
"""An order is made anew once, where the plant has taught us something."""
_LOOKS = 6
_OTHER_MASTER = "other_master"
_REQUESTS: Mapping[str, Request] = {
    "start": Request.START,
    "stop": Request.STOP,
    "current": Request.LIMIT_CURRENT,
    "power": Request.LIMIT_POWER,
}
_CHARGERS = (DeviceKind.AC_CHARGER, DeviceKind.DC_CHARGER)


async def run(driver: Driver, options: argparse.Namespace, address: str) -> int:
    """Do what the command line says; 0 when all of it was done and read back.

    Raises:
        DriverError: the plant does not answer, or it cannot or must not be done.
        NotDoneError: a person has to say more.
        StateFileError: what is remembered cannot be read or written.

    """
    await driver.connect(None)
    plant = driver.identity.serial or address
    file = StateFile(options.state or default_path(plant), plant)
    with nullcontext() if options.command == "plan" else file.locked():
        if (saved := file.load()) is not None:
            await driver.connect(saved)
        if options.command != "release":  # which needs no more than what it reads itself, and is urgent
            await driver.read(Due(tiers=frozenset(Tier) - {Tier.FAST}))
        if driver.control is None:
            raise CommandRefusedError(NO_COMMANDS)
        session = Session(driver, driver.control, file)
        verbs = {
            "plan": session.plan,
            "apply": session.apply,
            "release": session.release,
            "charger": session.charger,
            "write-register": session.write_register,
        }
        return await verbs[options.command](options)


class Session:
    """One plant while it is commanded."""

    def __init__(self, driver: Driver, control: PlantControl, file: StateFile) -> None:
        """Command a plant that is connected."""
        self._driver = driver
        self._control = control
        self._file = file

    async def plan(self, options: argparse.Namespace) -> int:
        """Print what would be written, in its order, and what it would need."""
        await self._control.refresh()
        order = self._control.order(options.wanted, options.limits)
        for write in order.writes:
            print(f"{told(write)}  ({on_the_wire(write)})")
        if not order.writes:
            print("nothing to write")
        if order.deferred:
            _warn(f"to be given back later: {', '.join(order.deferred)}")
        try:
            self._refuse_others(take_over=False)
            self._ask_consent(options, yes=False)
        except CommandRefusedError as err:
            _warn(f"apply would refuse it: {sentence(err.code)}")
        except NotDoneError as err:
            _warn(f"apply would refuse it: {err}")
        return 0

    async def apply(self, options: argparse.Namespace) -> int:
        """Carry out a battery command."""

        def order() -> Order:
            made = self._control.order(options.wanted, options.limits)
            self._ask_consent(options, yes=options.yes)
            return made

        applied = await self._obey(order, take_over=options.take_over)
        if applied.outcome is Outcome.CONFIRMED:
            await self._watch_the_effect(options.every)
        status = self._report(applied)
        if (command := self._control.holding().command) is not None:
            print(f"left alone, {left_alone(self._ability(command, options.limits))}")
        return status

    async def _watch_the_effect(self, every_s: float) -> None:
        """Look a few times for what cannot be read back: whether the battery does it."""
        for look in range(_LOOKS):
            if self._control.holding().confirmed:
                return
            if not look:
                print(f"looking at the battery, for up to {_LOOKS * every_s:.0f} s")
            await asyncio.sleep(every_s)
            await self._driver.read(Due(tiers=frozenset({Tier.FAST})))
            self._file.save(self._driver.state)

    async def release(self, options: argparse.Namespace) -> int:
        """Hand the plant back."""
        applied = await self._obey(
            lambda: self._control.release(options.limits, short=options.short), take_over=options.take_over
        )
        return self._report(applied)

    async def charger(self, options: argparse.Namespace) -> int:
        """Ask something of a charger."""
        chargers = [device.key for device in self._driver.devices if device.kind in _CHARGERS]
        if options.device not in chargers:
            known = ", ".join(chargers) or "none; name the unit ids of AC chargers by --ac-charger"
            raise NotDoneError(f"{options.device}: no such charger; known: {known}")
        value = getattr(options, "value", None)
        applied = await self._carry_out(
            self._control.request(options.device, _REQUESTS[options.request], value)
        )
        return self._report(applied)

    async def write_register(self, options: argparse.Namespace) -> int:
        """Write one register that is not locked; what belongs to control only while nothing is held."""
        await self._control.refresh()
        self._refuse_others(take_over=False)
        order = write_order(self._driver, options, control_on=not self._untouched)
        for write in order.writes if not options.yes else ():
            print(f"{told(write)}  ({on_the_wire(write)})")
        if not options.yes:
            raise NotDoneError("Nothing was written. Say --yes if that shall be written.")
        return self._report(await self._carry_out(order))

    async def _obey(self, make: Callable[[], Order], *, take_over: bool) -> Applied:
        """Look, plan and write; once more where the plant has taught us something."""
        for tries_left in reversed(range(_TRIES)):
            await self._control.refresh()
            self._refuse_others(take_over=take_over)
            order = make()
            if self._untouched and not order.writes and not order.deferred:
                return Applied(order=order, outcome=Outcome.CONFIRMED)
            applied = await self._carry_out(order)
            if not applied.again or not tries_left:
                return applied
        raise RuntimeError("no try was made")

    @property
    def _untouched(self) -> bool:
        """Whether nothing is held and nothing waits: what needs no write then leaves no trace either."""
        holding = self._control.holding()
        return holding.ownership is Ownership.FREE and holding.command is None and holding.confirmed

    async def _carry_out(self, order: Order) -> Applied:
        """Write, with the state on the disk before and after; Ctrl-C lets the running write end."""
        self._control.begin(order)
        self._file.save(self._driver.state)
        writing, stopped = asyncio.ensure_future(self._control.execute(order)), False
        try:
            await asyncio.shield(writing)
        except asyncio.CancelledError:
            self._control.halt()
            stopped = True
        applied = await writing
        self._file.save(self._driver.state)
        if stopped:
            self._report(applied)
            raise asyncio.CancelledError
        return applied

    def _refuse_others(self, *, take_over: bool) -> None:
        match self._control.holding().ownership:
            case Ownership.OTHER_MASTER:
                raise CommandRefusedError(_OTHER_MASTER)
            case Ownership.FOREIGN if not take_over:
                raise CommandRefusedError(SOMEONE_ELSE)

    def _ask_consent(self, options: argparse.Namespace, *, yes: bool) -> None:
        """Refuse what is not known to be safe alone: once this program has ended, nobody looks after it."""
        ability = self._ability(options.wanted, options.limits)
        if needs_consent(ability) and not yes:
            raise NotDoneError(
                f"{options.wanted.kind} is left alone once this program has ended: {left_alone(ability)}."
                " Say --yes if that is all right."
            )

    def _ability(self, command: BatteryCommand, limits: DeviceLimits) -> Ability:
        """Say what becomes of a command; a ceiling on discharging may bind in an outage too."""
        able = self._control.capabilities(limits).abilities[command.kind]
        if command.max_discharge_w is not None:
            return replace(able, outage_safe=OutageSafe.UNKNOWN)
        return able

    def _report(self, applied: Applied) -> int:
        """Print what became of each write and what the plant holds now; 0 when all was done."""
        readable = {(row.device, row.name) for row in self._driver.registers() if row.raw is not None}
        for write, result in results(applied, readable):
            print(f"{told(write)}: {result}")
        if not applied.order.writes:
            print("nothing to write")
        battery, holding = applied.order.command is not None, self._control.holding()
        if battery:
            holds = "nothing is held" if holding.command is None else shown(holding.command)
            doubt = "" if holding.confirmed else ", not read back in full"
            print(f"the plant is {OWNERS[holding.ownership]}: {holds}{doubt}")
        if applied.outcome is not Outcome.CONFIRMED:
            _warn(f"{applied.outcome}: {sentence(applied.code)} ({applied.code})")
            if battery and applied.done:
                _warn("What was written so far holds; release hands it back.")
            return 1
        if applied.order.deferred:
            _warn(f"not given back yet: {', '.join(applied.order.deferred)}. Release again later.")
        return 1 if applied.order.deferred or (battery and not holding.confirmed) else 0


def _warn(text: str) -> None:
    print(text, file=sys.stderr)
