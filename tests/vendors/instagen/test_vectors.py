"""The frames of the protocol facts, section 11, read and written byte for byte.

Serial numbers are made up; the frames were made by an independent codec, and a public client accepts them.
"""

from dataclasses import replace
from datetime import UTC, datetime, time

import pytest

from custom_components.energy_storage.vendors.instagen.encryption import key_of, nonce_of, seal, unseal
from custom_components.energy_storage.vendors.instagen.frame import (
    STICK,
    Extra,
    Frame,
    FrameReader,
    crc16,
    encode as encode_frame,
)
from custom_components.energy_storage.vendors.instagen.live_data import (
    Battery,
    Grid,
    GridMeter,
    GridPhase,
    LiveData,
    LoadSplit,
    PvInput,
    PvSplit,
)
from custom_components.energy_storage.vendors.instagen.messages import (
    TZ_OFFSET_S,
    AppHeartbeatRequest,
    DataRequest,
    GatewayInfoRequest,
    RegistryRequest,
    local_text,
)
from custom_components.energy_storage.vendors.instagen.packed import DateRange, Window, price, weekday_mask
from custom_components.energy_storage.vendors.instagen.payload import Payload, decode, encode
from custom_components.energy_storage.vendors.instagen.user_set import (
    BatteryMode,
    RelaySettings,
    TariffDate,
    TariffWeek,
    TouPeriod,
    UserSet,
    UserSetAnswer,
    check,
)

STICK_SERIAL = 0x430122480001
INVERTER = 0x200322460001
AT = 1_700_000_000
TEXT = local_text(datetime.fromtimestamp(AT, UTC))


def addressed(settings: UserSet) -> UserSet:
    """Fill in what the sender fills in."""
    return replace(settings, unix_time=AT, transaction_id=AT, target_serials=(INVERTER,))


def packed(*window: time) -> int:
    """Give a window as the stick packs it."""
    return Window(*window).packed()


WEEK = {
    "peak_window": packed(time(4, 31), time(0, 29)),
    "peak_buy": price(0.28),
    "peak_sell": price(0.15),
    "offpeak_window": packed(time(0, 30), time(4, 30)),
    "offpeak_buy": price(0.15),
    "offpeak_sell": price(0.15),
    "rest_buy": price(0.20),
    "rest_sell": price(0.10),
}
ECONOMY = TariffDate(
    date_range=DateRange((1, 1), (28, 2)).packed(),
    week_group_1=TariffWeek(weekday_mask=weekday_mask(range(5)), **WEEK),
    week_group_2=TariffWeek(weekday_mask=weekday_mask((5, 6)), **WEEK),
)
PERIOD = TouPeriod(
    charge_window=packed(time(3, 0), time(5, 0)),
    charge_power=100,
    discharge_window=packed(time(5, 0), time(3, 0)),
    discharge_power=100,
    min_soc=10,
    max_soc=90,
)
LIVE = LiveData(
    inverter_serial=INVERTER,
    unix_time=AT,
    tz_offset=0,
    page_count=1,
    page=0,
    pv_energy_split=PvSplit(pv_to_load_today=45, pv_to_battery_today=35, pv_to_grid_today=0),
    load_energy_split=LoadSplit(load_from_pv_today=45, load_from_battery_today=2, load_from_grid_today=32),
    pv_inputs=(PvInput(input_index=1, voltage=3521, current=126, power=439, energy_today=79),),
    battery=Battery(
        battery_type=1,
        state=1,
        fault_bits=0,
        soc=55,
        soh=99,
        voltage=535,
        current=-224,
        power=-1200,
        max_charge_current=1000,
        max_discharge_current=1000,
        charge_cutoff_voltage=576,
        discharge_cutoff_voltage=448,
        cell_temp_max=240,
        cell_temp_min=200,
        module_temp_max=240,
        module_temp_min=200,
        charged_today=38,
        discharged_today=2,
        cell_voltage_max=3345,
        cell_voltage_min=3340,
    ),
    grid=Grid(
        common=GridMeter(meter_state=1, frequency=4998, power_factor_total=98),
        phases=(
            GridPhase(
                phase=1,
                voltage=2329,
                current=560,
                active_power=-1300,
                reactive_power=-22,
                power_factor=99,
                export_today=0,
                import_today=12,
            ),
        ),
    ),
)

VECTORS: dict[str, tuple[str, int, int, int | None, Payload]] = {
    "gateway info": (
        "484ddb0100011bbe0022000e0000000000000000000000ff1080e2cfaa061880e101",
        0xDB01,
        1,
        STICK,
        GatewayInfoRequest(unix_time=AT, tz_offset=TZ_OFFSET_S),
    ),
    "registry": (
        (
            "484dc30200024a230037000e0000430122480001000000010880e2cfaa061213323032332d31312d31342032323a31333a"
            "32301880e101"
        ),
        0xC302,
        2,
        1,
        RegistryRequest(unix_time=AT, date_time_text=TEXT, tz_offset=TZ_OFFSET_S),
    ),
    "live data": (
        (
            "484dc3030003fae9003f000e0000430122480001000000010880e2cfaa061213323032332d31312d31342032323a31333a"
            "32301880e1012881809892b28008"
        ),
        0xC303,
        3,
        1,
        DataRequest(unix_time=AT, date_time_text=TEXT, tz_offset=TZ_OFFSET_S, inverter_serial=INVERTER),
    ),
    "mode 1": (
        "484dc308000491a30031000e0000430122480001000000010880e2cfaa061080e2cfaa061a0781809892b280082001280a",
        0xC308,
        4,
        1,
        addressed(UserSet(mode=BatteryMode.SELF_CONSUMPTION, reserve_soc=10)),
    ),
    "mode 5": (
        (
            "484dc3080005f88b0034000e0000430122480001000000010880e2cfaa061080e2cfaa061a0781809892b280082005285a"
            "30f403"
        ),
        0xC308,
        5,
        1,
        addressed(UserSet(mode=BatteryMode.FORCE_CHARGE, reserve_soc=90, max_power=500)),
    ),
    "answer to mode 5": (
        "484dc208000557bc002e000e0000430122480001000000010880e2cfaa061080e2cfaa061881809892b280082000",
        0xC208,
        5,
        1,
        UserSetAnswer(unix_time=AT, transaction_id=AT, inverter_serial=INVERTER, error_code=0),
    ),
    "mode 8": (
        (
            "484dc30800068ac40045000e0000430122480001000000010880e2cfaa061080e2cfaa061a0781809892b280082008280a"
            "5a1208808a8018106418808680282064280a305a"
        ),
        0xC308,
        6,
        1,
        addressed(UserSet(mode=BatteryMode.TIME_OF_USE, reserve_soc=10, tou_periods=(PERIOD,))),
    ),
    "mode 2": (
        (
            "484dc30800076c22006a000e0000430122480001000000010880e2cfaa061080e2cfaa061a0781809892b280082002280a"
            "3a370882b884081217081f109d80fc20181c200f289e8878300f380f4014480a1a170860109d80fc20181c200f289e8878"
            "300f380f4014480a"
        ),
        0xC308,
        7,
        1,
        addressed(UserSet(mode=BatteryMode.ECONOMY, reserve_soc=10, tariff_dates=(ECONOMY,))),
    ),
    "dry contact opens": (
        (
            "484dc308000939ab0035000e0000430122480001000000010880e2cfaa061080e2cfaa061a0781809892b2800842060802"
            "10001801"
        ),
        0xC308,
        9,
        1,
        addressed(UserSet(relays=(RelaySettings(function=2, manual_switch=0, load_mode=1),))),
    ),
    "heartbeat": (
        "484da3020008c3eb00290880e1011080e2cfaa061a13323032332d31312d31342032323a31333a3230",
        0xA302,
        8,
        None,
        AppHeartbeatRequest(tz_offset=TZ_OFFSET_S, unix_time=AT, date_time_text=TEXT),
    ),
    "live data answered": (
        (
            "484dc20300031edf00c7000e0000430122480001000000010881809892b280081080e2cfaa061800200128003206082d10"
            "2318003a06082d10021820420c080110c11b187e20b703284f4a4a0801100118002037286330970438a0feffffffffffff"
            "ff0140d0f6ffffffffffffff0148e80750e80758c00460c00368f00170c80178f0018001c8018801269001029801911aa0"
            "018c1a522f0a07080110862718621224080110991218b00420ecf5ffffffffffffff0128eaffffffffffffffff01306338"
            "00400c"
        ),
        0xC203,
        3,
        1,
        LIVE,
    ),
}


@pytest.mark.parametrize("vector", VECTORS)
def test_vector_is_read(vector: str) -> None:
    """The bytes give the frame and the message."""
    octets, command, sequence, target, message = VECTORS[vector]
    (frame,) = FrameReader().feed(bytes.fromhex(octets))
    assert (frame.command, frame.sequence) == (command, sequence)
    assert (frame.extra.target if frame.extra else None) == target
    assert decode(type(message), frame.payload) == message


@pytest.mark.parametrize("vector", VECTORS)
def test_vector_is_written(vector: str) -> None:
    """The message gives the bytes."""
    octets, command, sequence, target, message = VECTORS[vector]
    serial = 0 if command == 0xDB01 else STICK_SERIAL
    extra = None if target is None else Extra(serial=serial, target=target)
    frame = Frame(command=command, sequence=sequence, payload=encode(message), extra=extra)
    assert encode_frame(frame).hex() == octets


def test_modes_of_the_vectors_may_be_sent() -> None:
    """The four modes are whole; the dry contact is none and stays out."""
    for name in ("mode 1", "mode 2", "mode 5", "mode 8"):
        message = VECTORS[name][4]
        assert isinstance(message, UserSet)
        check(message)


def test_crc_of_the_well_known_text() -> None:
    """The value that every description of CRC-16/MODBUS gives."""
    assert crc16(b"123456789") == 0x4B37


def test_zeros_are_sent() -> None:
    """A switch that opens is a zero in the bytes, and absence is absence."""
    assert encode(RelaySettings(manual_switch=0)) == b"\x10\x00"
    assert encode(RelaySettings()) == b""
    assert decode(RelaySettings, b"\x10\x00").manual_switch == 0
    assert decode(RelaySettings, b"").manual_switch is None


def test_number_that_does_not_fit_is_refused() -> None:
    """It does not wrap."""
    for number in (1 << 32, -1):
        with pytest.raises(ValueError, match="range"):
            encode(UserSet(mode=5, max_power=number))


ENC_RANDOM = bytes(range(16))
ENCRYPTED = "484da311000163360014acc4110363591a41c52847c34a070f35915f96d3ab94089c2673"
PLAIN = bytes.fromhex("2080e1012880e2cfaa06")


def test_key_and_nonce() -> None:
    """Both follow from what the stick sends in clear."""
    assert key_of(ENC_RANDOM).hex() == "e5477bfc94b8a12bb7655873908fd2c2"
    assert nonce_of(0xA311, 1, ENC_RANDOM).hex() == "2a5cb5c478c37530871767bc"


def test_encrypted_frame_is_read() -> None:
    """The tag behind the frame belongs to it."""
    (frame,) = FrameReader(sealed=True).feed(bytes.fromhex(ENCRYPTED))
    assert unseal(frame.command, frame.sequence, (frame.payload, frame.tag), ENC_RANDOM) == PLAIN


def test_encrypted_frame_is_written() -> None:
    """The length does not count the tag, and the CRC is that of the encrypted payload."""
    payload, tag = seal(0xA311, 1, PLAIN, ENC_RANDOM)
    frame = Frame(command=0xA311, sequence=1, payload=payload, tag=tag)
    assert encode_frame(frame).hex() == ENCRYPTED
