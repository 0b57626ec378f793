"""The simulator's own codec and framing: the vectors of the fact file, both ways."""

from contextlib import suppress

from hypothesis import given, strategies as st
import pytest

from tests.simulators.instagen_frame import Frame, FrameError, aes_key, crc16, nonce, pack, unpack
from tests.simulators.instagen_messages import MalformedError, Message, decode, encode, table

STICK, INVERTER, AT = 0x430122480001, 0x200322460001, 1_700_000_000
TEXT, ZONE = "2023-11-14 22:13:20", 28_800
MODE: Message = {"unix_time": AT, "transaction_id": AT, "target_serials": [INVERTER]}

VECTORS: dict[str, tuple[str, str, int, int, int, Message]] = {
    "gateway info": (
        "484ddb0100011bbe0022000e0000000000000000000000ff1080e2cfaa061880e101",
        "GatewayInfoRequest",
        1,
        0,
        255,
        {"unix_time": AT, "tz_offset": ZONE},
    ),
    "registry": (
        (
            "484dc30200024a230037000e0000430122480001000000010880e2cfaa061213323032332d31312d31342032323a31333a3230"
            "1880e101"
        ),
        "EsRegistryRequest",
        2,
        STICK,
        1,
        {"unix_time": AT, "date_time_text": TEXT, "tz_offset": ZONE},
    ),
    "data": (
        (
            "484dc3030003fae9003f000e0000430122480001000000010880e2cfaa061213323032332d31312d31342032323a31333a3230"
            "1880e1012881809892b28008"
        ),
        "EsDataRequest",
        3,
        STICK,
        1,
        {"unix_time": AT, "date_time_text": TEXT, "tz_offset": ZONE, "inverter_serial": INVERTER},
    ),
    "self-consumption": (
        "484dc308000491a30031000e0000430122480001000000010880e2cfaa061080e2cfaa061a0781809892b280082001280a",
        "EsUserSetRequest",
        4,
        STICK,
        1,
        {**MODE, "mode": 1, "reserve_soc": 10},
    ),
    "force charge": (
        "484dc3080005f88b0034000e0000430122480001000000010880e2cfaa061080e2cfaa061a0781809892b280082005285a30f403",
        "EsUserSetRequest",
        5,
        STICK,
        1,
        {**MODE, "mode": 5, "reserve_soc": 90, "max_power": 50.0},
    ),
    "its answer": (
        "484dc208000557bc002e000e0000430122480001000000010880e2cfaa061080e2cfaa061881809892b280082000",
        "EsUserSetResponse",
        5,
        STICK,
        1,
        {"unix_time": AT, "transaction_id": AT, "inverter_serial": INVERTER, "error_code": 0},
    ),
    "time of use": (
        (
            "484dc30800068ac40045000e0000430122480001000000010880e2cfaa061080e2cfaa061a0781809892b280082008280a5a12"
            "08808a8018106418808680282064280a305a"
        ),
        "EsUserSetRequest",
        6,
        STICK,
        1,
        {
            **MODE,
            "mode": 8,
            "reserve_soc": 10,
            "tou_periods": [
                {
                    "charge_window": 0x03000500,
                    "charge_power": 100,
                    "discharge_window": 0x05000300,
                    "discharge_power": 100,
                    "min_soc": 10,
                    "max_soc": 90,
                }
            ],
        },
    ),
    "economy": (
        (
            "484dc30800076c22006a000e0000430122480001000000010880e2cfaa061080e2cfaa061a0781809892b280082002280a3a37"
            "0882b884081217081f109d80fc20181c200f289e8878300f380f4014480a1a170860109d80fc20181c200f289e8878300f380f"
            "4014480a"
        ),
        "EsUserSetRequest",
        7,
        STICK,
        1,
        {
            **MODE,
            "mode": 2,
            "reserve_soc": 10,
            "tariff_dates": [
                {
                    "date_range": 0x01011C02,
                    **{
                        f"week_group_{group}": {
                            "weekday_mask": mask,
                            "peak_window": 0x041F001D,
                            "peak_buy": 0.28,
                            "peak_sell": 0.15,
                            "offpeak_window": 0x001E041E,
                            "offpeak_buy": 0.15,
                            "offpeak_sell": 0.15,
                            "rest_buy": 0.20,
                            "rest_sell": 0.10,
                        }
                        for group, mask in ((1, 31), (2, 96))
                    },
                }
            ],
        },
    ),
    "relay": (
        "484dc308000939ab0035000e0000430122480001000000010880e2cfaa061080e2cfaa061a0781809892b280084206080210001801",
        "EsUserSetRequest",
        9,
        STICK,
        1,
        {**MODE, "relays": [{"function": 2, "manual_switch": 0, "load_mode": 1}]},
    ),
    "heartbeat": (
        "484da3020008c3eb00290880e1011080e2cfaa061a13323032332d31312d31342032323a31333a3230",
        "AppHeartbeatRequest",
        8,
        0,
        0,
        {"tz_offset": ZONE, "unix_time": AT, "date_time_text": TEXT.encode()},
    ),
    "data answer": (
        (
            "484dc20300031edf00c7000e0000430122480001000000010881809892b280081080e2cfaa061800200128003206082d102318"
            "003a06082d10021820420c080110c11b187e20b703284f4a4a0801100118002037286330970438a0feffffffffffffff0140d0"
            "f6ffffffffffffff0148e80750e80758c00460c00368f00170c80178f0018001c8018801269001029801911aa0018c1a522f0a"
            "07080110862718621224080110991218b00420ecf5ffffffffffffff0128eaffffffffffffffff0130633800400c"
        ),
        "EsDataResponse",
        3,
        STICK,
        1,
        {
            "inverter_serial": INVERTER,
            "unix_time": AT,
            "tz_offset": 0,
            "page_count": 1,
            "page": 0,
            "pv_energy_split": {"pv_to_load_today": 4.5, "pv_to_battery_today": 3.5, "pv_to_grid_today": 0.0},
            "load_energy_split": {
                "load_from_pv_today": 4.5,
                "load_from_battery_today": 0.2,
                "load_from_grid_today": 3.2,
            },
            "pv_inputs": [
                {"input_index": 1, "voltage": 352.1, "current": 1.26, "power": 439, "energy_today": 7.9}
            ],
            "battery": {
                "battery_type": 1,
                "state": 1,
                "fault_bits": 0,
                "soc": 55,
                "soh": 99,
                "voltage": 53.5,
                "current": -22.4,
                "power": -1200,
                "max_charge_current": 100.0,
                "max_discharge_current": 100.0,
                "charge_cutoff_voltage": 57.6,
                "discharge_cutoff_voltage": 44.8,
                "cell_temp_max": 24.0,
                "cell_temp_min": 20.0,
                "module_temp_max": 24.0,
                "module_temp_min": 20.0,
                "charged_today": 3.8,
                "discharged_today": 0.2,
                "cell_voltage_max": 3.345,
                "cell_voltage_min": 3.34,
            },
            "grid": {
                "common": {"meter_state": 1, "frequency": 49.98, "power_factor_total": 0.98},
                "phases": [
                    {
                        "phase": 1,
                        "voltage": 232.9,
                        "current": 5.6,
                        "active_power": -1300,
                        "reactive_power": -22,
                        "power_factor": 0.99,
                        "export_today": 0.0,
                        "import_today": 1.2,
                    }
                ],
            },
        },
    ),
}


@pytest.mark.parametrize("name", VECTORS)
def test_vector_is_read(name: str) -> None:
    """Header and members of the published frame come out."""
    text, message, sequence, stick, target, values = VECTORS[name]
    frame = unpack(bytes.fromhex(text))
    assert (frame.sequence, frame.stick_serial, frame.target) == (sequence, stick, target)
    assert decode(message, frame.payload) == values


@pytest.mark.parametrize("name", VECTORS)
def test_vector_is_written(name: str) -> None:
    """The same values give the same bytes, zeros included."""
    text, message, sequence, stick, target, values = VECTORS[name]
    command = int(text[4:8], 16)
    frame = Frame(
        command=command,
        sequence=sequence,
        payload=encode(message, values),
        stick_serial=stick,
        target=target,
    )
    assert pack(frame).hex() == text


ENC_RANDOM = bytes(range(16))
SEALED = "484da311000163360014acc4110363591a41c52847c34a070f35915f96d3ab94089c2673"
PLAIN = "2080e1012880e2cfaa06"


def test_encrypted_vector() -> None:
    """Key, nonce and frame of the fact file come out, both ways."""
    assert aes_key(ENC_RANDOM).hex() == "e5477bfc94b8a12bb7655873908fd2c2"
    assert nonce(ENC_RANDOM, 0xA311, 1).hex() == "2a5cb5c478c37530871767bc"
    frame = Frame(command=0xA311, sequence=1, payload=bytes.fromhex(PLAIN))
    assert pack(frame, ENC_RANDOM).hex() == SEALED
    assert unpack(bytes.fromhex(SEALED), ENC_RANDOM) == frame


def test_another_key_opens_nothing() -> None:
    """A frame that was sealed before a restart is refused."""
    with pytest.raises(FrameError, match="another key"):
        unpack(bytes.fromhex(SEALED), bytes(16))


def test_checksum_of_the_standard() -> None:
    """The check value of CRC-16/MODBUS."""
    assert crc16(b"123456789") == 0x4B37


@pytest.mark.parametrize(
    ("at", "message"), [(0, "no HM"), (7, "checksum"), (9, "length"), (11, "extra"), (30, "checksum")]
)
def test_changed_byte_is_noticed(at: int, message: str) -> None:
    """A frame with one bit turned is none."""
    data = bytearray.fromhex(VECTORS["data"][0])
    data[at] ^= 1
    with pytest.raises(FrameError, match=message):
        unpack(bytes(data))


def test_unpacked_numbers_are_read_too() -> None:
    """A list of numbers may come one by one, as older encoders write it."""
    one = bytes.fromhex("1881809892b28008")
    assert decode("EsUserSetRequest", one + one) == {"target_serials": [INVERTER, INVERTER]}


def test_unknown_member_is_skipped() -> None:
    """What a newer firmware adds does no harm: a number, text, eight bytes and four."""
    newer = bytes.fromhex("a00605" + "a20603414243" + "a1060102030405060708" + "a50601020304")
    assert decode("EsUserSetRequest", newer + b"\x20\x01") == {"mode": 1}


@pytest.mark.parametrize("data", ["20", "2080", "1a05ff", "23", "2001ff", "2201ff"])
def test_cut_message_is_refused(data: str) -> None:
    """A message that ends early, or is of another kind than the table says, is malformed."""
    with pytest.raises(MalformedError):
        decode("EsUserSetRequest", bytes.fromhex(data))


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"mode": -1}, ValueError),
        ({"mode": 1 << 32}, ValueError),
        ({"mode": "one"}, TypeError),
        ({"target_serials": 5}, TypeError),
        ({"moode": 1}, ValueError),
    ],
)
def test_impossible_value_is_not_written(values: Message, error: type[Exception]) -> None:
    """A slip in the simulator shows at once."""
    with pytest.raises(error):
        encode("EsUserSetRequest", values)


@given(st.integers(-(1 << 31), (1 << 31) - 1), st.integers(-(1 << 63), (1 << 63) - 1))
def test_signed_numbers_survive(power_w: int, serial: int) -> None:
    """Every number of 32 and 64 bits comes back."""
    message: Message = {"inverter_serial": serial, "battery": {"power": power_w}}
    assert decode("EsDataResponse", encode("EsDataResponse", message)) == message


@given(st.binary(max_size=60))
def test_random_payload_is_read_or_refused(data: bytes) -> None:
    """Nothing but a malformed message is the answer to nonsense."""
    for message in ("EsUserSetRequest", "EsDataRequest", "GatewayActionRequest"):
        with suppress(MalformedError):
            encode(message, decode(message, data))


@given(st.binary(max_size=60))
def test_random_bytes_are_no_frame(data: bytes) -> None:
    """A checksum is not hit by chance."""
    for key in (None, ENC_RANDOM):
        with pytest.raises(FrameError):
            unpack(b"HM\xc3\x03" + data, key)


def test_table_is_whole() -> None:
    """Every member is a number, text, bytes or a message that the table has; no number twice."""
    kinds = {member.kind for members in table().values() for member in members.values()}
    assert kinds - set(table()) == {"int32", "int64", "uint32", "string", "bytes"}
    assert (len(table()), sum(map(len, table().values()))) == (106, 699)
