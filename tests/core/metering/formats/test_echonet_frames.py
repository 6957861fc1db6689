"""A frame is read whole or not at all, and says where it breaks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanchi.core.metering.formats.echonet_frames import (
    Esv,
    Frame,
    FrameFault,
    Property,
    UnfitRequest,
    get_request,
    read_frame,
    write_frame,
)
from tests.core.metering.formats.frames import CUT, METER, PARTLY_REFUSED, POWER, REAL_FRAMES, frame
from tests.oracles.echonet_oracle import ESV_OF_TWO_LISTS, KNOWN_ESV, lists_of

PROPERTIES = st.lists(st.builds(Property, st.integers(0, 255), st.binary(max_size=40)), min_size=1, max_size=6).map(
    tuple
)


@st.composite
def whole_frames(draw):
    esv = draw(st.sampled_from(Esv))
    return Frame(
        transaction_no=draw(st.integers(0, 0xFFFF)),
        source_code=draw(st.integers(0, 0xFFFFFF)),
        destination_code=draw(st.integers(0, 0xFFFFFF)),
        esv=esv,
        properties=draw(PROPERTIES),
        set_properties=draw(PROPERTIES) if esv in ESV_OF_TWO_LISTS else (),
    )


class TestReadFrame:
    def test_real_answer_is_cut_into_its_properties(self):
        read = read_frame(POWER)

        assert isinstance(read, Frame)
        assert (read.transaction_no, read.source_code, read.destination_code) == (0x1002, METER, 0x05FF01)
        assert read.esv is Esv.GET_RES
        assert read.properties == (Property(0xE7, bytes.fromhex("0000029C")), Property(0xE8, bytes.fromhex("00280028")))

    def test_every_known_service_is_read(self):
        assert {esv.value for esv in Esv} == KNOWN_ESV

    def test_partial_answer_keeps_what_did_succeed_and_names_what_failed(self):
        failed = frame((0xE0, bytes.fromhex("0000123C")), (0xE1, b""), (0xD7, b""), esv=0x52)

        read = read_frame(failed)

        assert isinstance(read, Frame)
        assert read.properties[0] == Property(0xE0, bytes.fromhex("0000123C"))
        assert read.refused_codes == (0xE1, 0xD7)

    def test_partial_answer_of_which_all_succeeded_refuses_nothing(self):
        read = read_frame(PARTLY_REFUSED)

        assert isinstance(read, Frame)
        assert (len(read.properties), read.refused_codes) == (6, ())

    def test_refused_setting_comes_back_with_its_bytes(self):
        read = read_frame(frame((0xE5, b"\x01"), (0xED, b""), esv=0x51))

        assert isinstance(read, Frame)
        assert read.refused_codes == (0xE5,)

    def test_two_lists_are_told_apart(self):
        content = frame((0xE5, b""), esv=0x7E) + bytes.fromhex("01E7040000029C")

        read = read_frame(content)

        assert isinstance(read, Frame)
        assert read.set_properties == (Property(0xE5),)
        assert read.properties == (Property(0xE7, bytes.fromhex("0000029C")),)

    def test_two_lists_of_which_some_failed_name_both_kinds(self):
        read = read_frame(frame((0xE5, b"\x01"), (0xED, b""), esv=0x5E) + bytes.fromhex("02E700E80400280028"))

        assert isinstance(read, Frame)
        assert read.refused_codes == (0xE5, 0xE7)

    @pytest.mark.parametrize(
        ("content", "offset", "expected", "found"),
        [
            (b"", 0, "EHD 1081", "the end"),
            (b"\x10\x82" + POWER[2:], 0, "EHD 1081", "1082"),
            (POWER[:11], 11, "a header of 12 bytes", "the end"),
            (POWER[:10] + b"\x75" + POWER[11:], 10, "a known ESV", "75"),
            (POWER[:11] + b"\x00", 11, "OPC of 1 or more", "0"),
            (CUT, 23, "4 bytes of property E8", "the end after 3"),
            (POWER[:18], 18, "EPC and PDC of property 2 of 2", "the end"),
            (POWER[:19], 19, "EPC and PDC of property 2 of 2", "the end"),
            (POWER + b"\x00", 24, "the end of the frame", "1 more bytes"),
            (frame((0xE5, b""), esv=0x7E), 14, "OPCGet", "the end"),
            (frame((0xE5, b""), esv=0x7E) + b"\x00", 14, "OPCGet of 1 or more", "0"),
        ],
    )
    def test_broken_frame_says_where_it_breaks(self, content: bytes, offset: int, expected: str, found: str):
        assert read_frame(content) == FrameFault(offset_bytes=offset, expected=expected, found=found)

    @pytest.mark.parametrize("content", REAL_FRAMES)
    def test_real_frame_cut_anywhere_is_no_frame(self, content: bytes):
        assert isinstance(read_frame(content), Frame)
        assert all(isinstance(read_frame(content[:length]), FrameFault) for length in range(len(content)))

    @given(
        st.one_of(
            st.binary(max_size=60),
            whole_frames().map(write_frame),
            st.binary(max_size=40).map(lambda tail: POWER[:11] + tail),
        )
    )
    def test_accepts_exactly_what_the_obvious_reader_accepts(self, content: bytes):
        read, lists = read_frame(content), lists_of(content)

        if lists is None:
            assert isinstance(read, FrameFault)
            assert 0 <= read.offset_bytes <= len(content)
        else:
            assert isinstance(read, Frame)
            mine = [read.set_properties, read.properties] if read.set_properties else [read.properties]
            assert [[(each.epc_code, each.edt) for each in properties] for properties in mine] == lists


class TestWriteFrame:
    @given(whole_frames())
    def test_what_is_written_is_read_again(self, whole: Frame):
        assert read_frame(write_frame(whole)) == whole

    @pytest.mark.parametrize("content", REAL_FRAMES)
    def test_real_frame_is_written_byte_by_byte(self, content: bytes):
        read = read_frame(content)

        assert isinstance(read, Frame)
        assert write_frame(read) == content

    def test_request_without_properties_is_refused(self):
        with pytest.raises(UnfitRequest, match="a list of 0 properties"):
            get_request([], transaction_no=1)

    def test_number_of_more_than_two_bytes_is_refused(self):
        with pytest.raises(UnfitRequest, match="transaction_no 65536"):
            get_request([0xE7], transaction_no=0x10000)

    def test_property_of_more_than_255_bytes_is_refused(self):
        with pytest.raises(UnfitRequest, match="property E2 with 256 bytes"):
            write_frame(
                Frame(
                    transaction_no=1,
                    source_code=1,
                    destination_code=1,
                    esv=Esv.INF,
                    properties=(Property(0xE2, bytes(256)),),
                )
            )

    def test_second_list_belongs_to_its_services_alone(self):
        with pytest.raises(UnfitRequest, match="Get with 1 properties to set"):
            write_frame(
                Frame(
                    transaction_no=1,
                    source_code=1,
                    destination_code=1,
                    esv=Esv.GET,
                    properties=(Property(0xE7),),
                    set_properties=(Property(0xE5),),
                )
            )
