package io.mqttx.conformance;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where the repository's files lie while its tests run. */
public final class Repository {
    private Repository() {}

    /**
     * The folder that holds {@code spec/README.md}: named by the system property {@code mqttx.root}, which the
     * build sets, or else the nearest one above the current folder, so that a test also runs in an editor.
     *
     * @return an absolute path
     * @throws IllegalStateException if there is none
     */
    public static Path root() {
        String named = System.getProperty("mqttx.root", "");
        Path start = Path.of(named.isEmpty() ? System.getProperty("user.dir") : named)
                .toAbsolutePath()
                .normalize();
        for (Path folder = start; folder != null; folder = folder.getParent()) {
            if (Files.isRegularFile(folder.resolve("spec").resolve("README.md"))) {
                return folder;
            }
        }
        throw new IllegalStateException("no folder with spec/README.md at or above " + start);
    }
}
