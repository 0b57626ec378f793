"""Finds out who answers at an address: the stick, then its inverters."""

from ..driver import DriverConnectionError, LinkFault, NotThisVendorError
from .encryption import speaks_encrypted
from .messages import GatewayInfo
from .roster import Roster, encrypts, is_storage
from .stick import Stick

_OFTEN = 2
_NO_ANSWER = (LinkFault.SILENT, LinkFault.CLOSED, LinkFault.GARBLED)


async def meet(stick: Stick) -> Roster:
    """Ask the stick who it is, and for its inverters; find out why, where no answer comes.

    Raises:
        DriverConnectionError: no answer; its fault is `ENCRYPTED` for a stick that would want it encrypted.
        NotThisVendorError: something answers, but it is no stick of a storage system.

    """
    info = await _gateway_info(stick)
    if not is_storage(info):
        raise NotThisVendorError("the stick has no hybrid inverter behind it")
    try:
        registry = await stick.registry()
    except DriverConnectionError as err:
        raise told_apart(err, encrypted=encrypts(info)) from err
    if (roster := Roster.of(stick.serial, registry, info)) is None:
        raise NotThisVendorError("the stick names no inverter")
    return roster


class Reunion:
    """Meets a stick that has answered before: that its inverters are silent for once is no encryption's."""

    def __init__(self) -> None:
        """Begin without a failure."""
        self._unanswered = 0

    async def meet(self, stick: Stick) -> Roster:
        """Ask the stick who it is, and for its inverters.

        Raises:
            DriverConnectionError: no answer, or one that makes no storage system; its fault is `ENCRYPTED`
                where the stick answers again and again, says that it encrypts, and tells nothing else.

        """
        info = await stick.gateway_info()
        try:
            registry = await stick.registry()
        except DriverConnectionError as err:
            self._unanswered += 1
            often = self._unanswered >= _OFTEN
            raise told_apart(err, encrypted=often and encrypts(info)) from err
        self._unanswered = 0
        roster = Roster.of(stick.serial, registry, info)
        if roster is None or not is_storage(info):
            raise DriverConnectionError("the stick names no inverter", LinkFault.GARBLED)
        return roster


def told_apart(err: DriverConnectionError, *, encrypted: bool) -> DriverConnectionError:
    """Give the error as it is, or say that silence is the encryption's."""
    if encrypted and err.fault in _NO_ANSWER:
        return DriverConnectionError(
            "the stick's firmware is encrypted, which is not supported yet", LinkFault.ENCRYPTED
        )
    return err


async def _gateway_info(stick: Stick) -> GatewayInfo:
    """Ask who the stick is; where nothing comes, ask in the way that sticks of all kinds understand."""
    try:
        return await stick.gateway_info()
    except DriverConnectionError as err:
        if err.fault not in _NO_ANSWER:
            raise
        unanswered = err
    try:
        other = await stick.app_info()
    except DriverConnectionError:
        raise unanswered from None
    if other.stick is not None and speaks_encrypted(other.stick.feature_bits):
        raise told_apart(unanswered, encrypted=True)
    raise NotThisVendorError("a stick of the same maker, but of no storage system")
