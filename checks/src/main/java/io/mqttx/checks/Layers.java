package io.mqttx.checks;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who may import whom: modules, and inside them packages ("rooms"), listed from the ground up.
 *
 * <p>A room sees the rooms of its own module that have a lower number, and of other modules what its module
 * {@linkplain Floor#sees sees}. A package that stands in no list is an offence by itself, so that nobody opens a room
 * without saying where it belongs.
 *
 * @param floors the modules
 */
record Layers(List<Floor> floors) {

    /** The plan of this repository. Who changes it changes ARCHITECTURE.md in the same commit. */
    static final Layers OF_THE_HOUSE = new Layers(List.of(
            new Floor("mqttx-conformance", List.of(Set.of("io.mqttx.conformance")), List.of(), false),
            new Floor(
                    "mqttx-codec",
                    List.of(
                            Set.of("io.mqttx.wire"),
                            Set.of("io.mqttx.topic"),
                            Set.of("io.mqttx.packet"),
                            Set.of("io.mqttx.codec")),
                    List.of(),
                    true),
            new Floor(
                    "mqttx-protocol",
                    List.of(
                            Set.of("io.mqttx.protocol.action", "io.mqttx.protocol.auth"),
                            Set.of("io.mqttx.protocol.flow"),
                            Set.of("io.mqttx.protocol")),
                    List.of("mqttx-codec"),
                    true),
            new Floor(
                    "mqttx-client",
                    List.of(Set.of("io.mqttx.client.link"), Set.of("io.mqttx.client")),
                    List.of("mqttx-codec", "mqttx-protocol"),
                    false),
            new Floor(
                    "mqttx-broker",
                    List.of(
                            Set.of("io.mqttx.broker.api"),
                            Set.of("io.mqttx.broker.spi"),
                            Set.of(
                                    "io.mqttx.broker.auth",
                                    "io.mqttx.broker.storage",
                                    "io.mqttx.broker.limits",
                                    "io.mqttx.broker.metrics"),
                            Set.of("io.mqttx.broker.routing"),
                            Set.of("io.mqttx.broker.retained"),
                            Set.of("io.mqttx.broker.session"),
                            Set.of("io.mqttx.broker.publish"),
                            Set.of("io.mqttx.broker.will"),
                            Set.of("io.mqttx.broker.connection"),
                            Set.of("io.mqttx.broker.sys"),
                            Set.of("io.mqttx.broker")),
                    List.of("mqttx-codec", "mqttx-protocol"),
                    false),
            new Floor(
                    "mqttx-transport-netty",
                    List.of(Set.of("io.mqttx.transport.netty")),
                    List.of("io.mqttx.broker.api", "io.mqttx.broker.spi"),
                    false),
            new Floor(
                    "mqttx-storage-rocksdb",
                    List.of(Set.of("io.mqttx.storage.rocksdb")),
                    List.of("mqttx-codec", "io.mqttx.broker.spi"),
                    false),
            new Floor(
                    "mqttx-testkit",
                    List.of(Set.of("io.mqttx.testkit")),
                    List.of("mqttx-codec", "mqttx-protocol", "mqttx-client", "mqttx-broker"),
                    false),
            new Floor("broker-tests", List.of(), List.of(), false),
            new Floor(
                    "mqttx-server",
                    List.of(Set.of("io.mqttx.server")),
                    List.of(
                            "mqttx-codec",
                            "mqttx-protocol",
                            "mqttx-client",
                            "mqttx-broker",
                            "mqttx-transport-netty",
                            "mqttx-storage-rocksdb"),
                    false),
            new Floor("checks", List.of(Set.of("io.mqttx.checks")), List.of("mqttx-conformance"), false),
            new Floor(
                    "benchmarks",
                    List.of(
                            Set.of("io.mqttx.benchmarks"),
                            Set.of("io.mqttx.benchmarks.broker", "io.mqttx.benchmarks.clients")),
                    List.of(
                            "mqttx-codec",
                            "mqttx-protocol",
                            "mqttx-client",
                            "mqttx-broker",
                            "mqttx-transport-netty",
                            "mqttx-storage-rocksdb",
                            "mqttx-testkit"),
                    false)));

    private static final Pattern OURS = Pattern.compile("\\bio\\.mqttx(?:\\.\\w+)*(?:\\.\\*)?");

    // What needs a machine or a clock. A state machine is told the time, and a codec has no use for it.
    private static final Map<Pattern, String> MACHINERY = Map.of(
            Pattern.compile("\\bjava\\.net\\b"), "java.net",
            Pattern.compile("\\bjava\\.nio\\.(channels|file)\\b"), "channels and files",
            Pattern.compile("\\bjava\\.util\\.logging\\b|\\bSystem\\s*\\.\\s*(Logger\\b|getLogger\\b)"), "logging",
            Pattern.compile("\\bThread(Local|LocalRandom)?\\b"), "threads",
            Pattern.compile("\\bSystem\\s*\\.\\s*(currentTimeMillis|nanoTime)\\b"), "the system's clock",
            Pattern.compile("\\b(Instant|LocalDateTime|ZonedDateTime)\\s*\\.\\s*now\\b|\\bClock\\s*\\.\\s*system"),
                    "the system's clock");

    Layers {
        floors = List.copyOf(floors);
    }

    /**
     * A module.
     *
     * @param module    its folder and artifact id
     * @param rooms     its packages from the ground up; packages in one set do not see each other
     * @param sees      the modules, or single packages of them, that it may use beside itself
     * @param pureLogic whether it must do without sockets, files, threads, clocks and logging
     */
    record Floor(String module, List<Set<String>> rooms, List<String> sees, boolean pureLogic) {
        Floor {
            Objects.requireNonNull(module, "module");
            rooms = List.copyOf(rooms);
            sees = List.copyOf(sees);
        }
    }

    /**
     * What in these files breaks the order.
     *
     * @return one sentence for each offence, starting with file and line; empty if all is well
     */
    List<String> offences(List<SourceFile> files) {
        Map<String, Floor> floorOf = new HashMap<>();
        for (Floor floor : floors) {
            floor.rooms().forEach(level -> level.forEach(room -> floorOf.put(room, floor)));
        }
        List<String> offences = new ArrayList<>();
        for (SourceFile file : files) {
            if (!file.isModuleInfo()) {
                check(file, floorOf, offences);
            }
        }
        return offences;
    }

    /** Whether this module stands in the plan. */
    boolean knows(String module) {
        return floors.stream().anyMatch(floor -> floor.module().equals(module));
    }

    private void check(SourceFile file, Map<String, Floor> floorOf, List<String> offences) {
        String room = file.packageName();
        Floor floor = floorOf.get(room);
        if (floor == null || !floor.module().equals(file.module())) {
            offences.add(file.place() + ":1: package " + (room.isEmpty() ? "(none)" : room)
                    + " is not listed among the rooms of " + file.module());
            return;
        }
        List<String> lines = file.codeLines();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.strip().startsWith("package ")) {
                continue;
            }
            String place = file.place() + ":" + (i + 1) + ": ";
            Matcher used = OURS.matcher(line);
            while (used.find()) {
                String name = used.group();
                String reason = objection(room, floor, name, floorOf);
                if (!reason.isEmpty()) {
                    offences.add(place + name + ": " + reason);
                }
            }
            if (floor.pureLogic()) {
                MACHINERY.forEach((pattern, what) -> {
                    if (pattern.matcher(line).find()) {
                        offences.add(place + line.strip() + ": " + floor.module() + " does without " + what);
                    }
                });
            }
        }
    }

    /** Why this room may not use this name; empty if it may. */
    private String objection(String room, Floor floor, String name, Map<String, Floor> floorOf) {
        String target = packageOf(name);
        if (target.equals(room)) {
            return "";
        }
        Floor targetFloor = floorOf.get(target);
        if (targetFloor == null) {
            return "package " + target + " is not listed in any module";
        }
        if (targetFloor.equals(floor)) {
            int from = number(floor, room);
            int to = number(floor, target);
            return to < from
                    ? ""
                    : "room " + from + " (" + room + ") imports only lower rooms, and " + target + " is room " + to;
        }
        return floor.sees().contains(targetFloor.module()) || floor.sees().contains(target)
                ? ""
                : floor.module() + " does not see " + target + " of " + targetFloor.module();
    }

    private static int number(Floor floor, String room) {
        for (int level = 0; level < floor.rooms().size(); level++) {
            if (floor.rooms().get(level).contains(room)) {
                return level + 1;
            }
        }
        throw new IllegalArgumentException(room + " is no room of " + floor.module());
    }

    /** By our own convention packages are lower case and classes are not. */
    private static String packageOf(String name) {
        StringBuilder found = new StringBuilder();
        for (String part : name.split("\\.", -1)) {
            if (part.equals("*") || Character.isUpperCase(part.charAt(0))) {
                break;
            }
            found.append(found.isEmpty() ? "" : ".").append(part);
        }
        return found.toString();
    }
}
