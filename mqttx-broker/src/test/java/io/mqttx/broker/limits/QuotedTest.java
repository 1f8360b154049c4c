package io.mqttx.broker.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class QuotedTest {

    @Test
    void textFromStrangersStaysOnOneLineAndBetweenItsQuotes() {
        assertEquals("\"plain text\"", Quoted.of("plain text"));
        assertEquals("\"\\\"a\\\\b\\\"\"", Quoted.of("\"a\\b\""));
        assertEquals("\"\\u000a\\u001b\\u00e4\\u202e\\u007f\"", Quoted.of("\n\u001bä\u202e\u007f"));
    }

    @Test
    void longTextIsCut() {
        assertEquals("\"" + "x".repeat(80) + "\"", Quoted.of("x".repeat(80)));
        assertEquals("\"" + "x".repeat(80) + "\"...", Quoted.of("x".repeat(81)));
    }
}
