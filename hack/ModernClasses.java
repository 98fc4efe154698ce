import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.lang.constant.ClassDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDateTime;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Gives the classes of a jar that were compiled for Java 5 the stack maps that Java 6 and later demand, and nothing else
 * that they did not have. The JVM's AOT cache leaves out every class without them, and every class that has one above it
 * (JDK 25: "Old class has been linked"): with picocli, that is the whole command line.
 *
 * <p>{@code java hack/ModernClasses.java JAR}; a jar that has no such class is not touched.
 */
final class ModernClasses {
    private static final int FIRST_WITH_STACK_MAPS = ClassFile.JAVA_6_VERSION;

    /** The same jar gives the same jar. */
    private static final LocalDateTime NO_TIME = LocalDateTime.of(1980, 2, 1, 0, 0);

    private final Map<String, byte[]> entries = new LinkedHashMap<>();
    private final ClassHierarchyResolver hierarchy = ClassHierarchyResolver.ofResourceParsing(this::bytesOf)
            .orElse(ClassHierarchyResolver.defaultResolver())
            .cached();
    private final ClassFile writer = ClassFile.of(
            ClassFile.StackMapsOption.GENERATE_STACK_MAPS, ClassFile.ClassHierarchyResolverOption.of(hierarchy));

    public static void main(String[] args) throws IOException {
        for (String jar : args) {
            new ModernClasses().upgrade(Path.of(jar));
        }
    }

    private void upgrade(Path jar) throws IOException {
        try (var zip = new ZipFile(jar.toFile())) {
            for (ZipEntry entry : Collections.list(zip.entries())) {
                try (InputStream in = zip.getInputStream(entry)) {
                    entries.put(entry.getName(), in.readAllBytes());
                }
            }
        }
        var upgraded = new LinkedHashMap<String, byte[]>();
        for (var entry : entries.entrySet()) {
            if (entry.getKey().endsWith(".class")) {
                ClassModel model = writer.parse(entry.getValue());
                if (model.majorVersion() < FIRST_WITH_STACK_MAPS) {
                    upgraded.put(entry.getKey(), upgraded(entry.getKey(), model));
                }
            }
        }
        if (!upgraded.isEmpty()) {
            entries.putAll(upgraded);
            write(jar);
            System.out.println(upgraded.size() + " classes of " + jar.getFileName() + " have stack maps now");
        }
    }

    private byte[] upgraded(String name, ClassModel model) throws IOException {
        byte[] bytes = writer.transformClass(
                model,
                ClassTransform.transformingMethodBodies(CodeTransform.ACCEPT_ALL)
                        .andThen(ClassTransform.endHandler(
                                builder -> builder.withVersion(ClassFile.JAVA_8_VERSION, 0))));
        var errors = writer.verify(bytes);
        if (!errors.isEmpty()) {
            throw new IOException(name + " does not verify with stack maps: " + errors);
        }
        return bytes;
    }

    /** Written beside it and renamed: a build that is stopped leaves a whole jar. */
    private void write(Path jar) throws IOException {
        Path temporary = jar.resolveSibling(jar.getFileName() + ".new");
        try (OutputStream file = Files.newOutputStream(temporary);
                var zip = new ZipOutputStream(file)) {
            for (var entry : entries.entrySet()) {
                var header = new ZipEntry(entry.getKey());
                header.setTimeLocal(NO_TIME);
                zip.putNextEntry(header);
                zip.write(entry.getValue());
            }
        }
        Files.move(temporary, jar, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    private InputStream bytesOf(ClassDesc type) {
        String descriptor = type.descriptorString();
        byte[] bytes = entries.get(descriptor.substring(1, descriptor.length() - 1) + ".class");
        return bytes == null ? null : new ByteArrayInputStream(bytes);
    }
}
