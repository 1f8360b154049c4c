package io.mqttx.checks;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What a class file says that its class calls: the method references of its constant pool (JVMS §4.4).
 *
 * @param calls such as {@code java/lang/Class.forName}
 */
record ClassFile(List<String> calls) {
    private static final int UTF8 = 1;
    private static final int LONG = 5;
    private static final int DOUBLE = 6;
    private static final int CLASS = 7;
    private static final int METHOD = 10;
    private static final int INTERFACE_METHOD = 11;
    private static final int METHOD_HANDLE = 15;

    ClassFile {
        calls = List.copyOf(calls);
    }

    static ClassFile of(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            in.skipNBytes(8); // magic and versions
            return of(in, in.readUnsignedShort());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ClassFile of(DataInputStream in, int count) throws IOException {
        String[] texts = new String[count];
        int[] first = new int[count]; // of the two indices that an entry has
        int[] second = new int[count];
        List<Integer> methods = new ArrayList<>();
        for (int i = 1; i < count; i++) {
            int tag = in.readUnsignedByte();
            switch (tag) {
                case UTF8 -> texts[i] = in.readUTF();
                case CLASS, 8, 16, 19, 20 -> first[i] = in.readUnsignedShort();
                case METHOD_HANDLE -> in.skipNBytes(3);
                case LONG, DOUBLE -> {
                    in.skipNBytes(8);
                    i++; // it takes two places
                }
                default -> {
                    first[i] = in.readUnsignedShort();
                    second[i] = in.readUnsignedShort();
                }
            }
            if (tag == METHOD || tag == INTERFACE_METHOD) {
                methods.add(i);
            }
        }
        return new ClassFile(methods.stream()
                .map(i -> texts[first[first[i]]] + "." + texts[first[second[i]]])
                .toList());
    }
}
