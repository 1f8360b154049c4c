package io.mqttx.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mqttx.conformance.Repository;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Prints how long the files are, for whoever reads the build's output. Fails for no length. */
class SizeReportTest {

    @Test
    void theSizesArePrinted() throws IOException {
        List<SourceFile> main = new ArrayList<>();
        List<SourceFile> test = new ArrayList<>();
        for (Layers.Floor floor : Layers.OF_THE_HOUSE.floors()) {
            main.addAll(SourceFile.below(Repository.root(), floor.module(), "src/main/java"));
            test.addAll(SourceFile.below(Repository.root(), floor.module(), "src/test/java"));
        }
        Sizes mainSizes = new Sizes(main);

        StringBuilder report = new StringBuilder("Sizes of Java files, in lines\n");
        report.append("  ").append(mainSizes.summary("main")).append('\n');
        report.append("  ").append(new Sizes(test).summary("test")).append('\n');
        report.append("  largest of main:\n");
        for (SourceFile file : mainSizes.longest(10)) {
            report.append("  %6d %s%n".formatted(file.lineCount(), file.place()));
        }
        System.out.println(report);
    }

    @Test
    void percentilesAreTakenByRank() {
        Sizes hundred = new Sizes(IntStream.rangeClosed(1, 100)
                .mapToObj(lines -> new SourceFile("m", "F" + lines, "x\n".repeat(lines)))
                .toList());

        assertEquals(50, hundred.percentile(50));
        assertEquals(95, hundred.percentile(95));
        assertEquals(100, hundred.percentile(100));
        assertEquals(0, new Sizes(List.of()).percentile(95));
    }
}
