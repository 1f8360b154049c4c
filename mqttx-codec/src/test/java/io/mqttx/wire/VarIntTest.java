package io.mqttx.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mqttx.conformance.Statement;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VarIntTest {

    @ParameterizedTest
    @CsvSource({
        "0, 00",
        "1, 01",
        "127, 7f",
        "128, 8001",
        "16383, ff7f",
        "16384, 808001",
        "2097151, ffff7f",
        "2097152, 80808001",
        "268435455, ffffff7f",
    })
    @Statement("MQTT-1.5.5-1")
    void aNumberTakesTheFewestBytes(int value, String hex) {
        byte[] expected = HexFormat.of().parseHex(hex);
        ByteBuffer out = ByteBuffer.allocate(expected.length);
        VarInt.put(out, value);

        assertEquals(expected.length, VarInt.size(value));
        assertEquals(ByteBuffer.wrap(expected), out.flip());
    }
}
