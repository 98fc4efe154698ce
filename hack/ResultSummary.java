import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/** The counts of all surefire reports under some folders; see {@code hack/test-summary}. */
final class ResultSummary {
    /** Not sources of reports, and big. */
    private static final Set<String> PASSED_BY = Set.of(".git", "node_modules", "test-classes", "classes", ".m2");

    private static final int REASON_LENGTH = 300;

    private int passed;
    private final Set<String> failed = new TreeSet<>();
    private final Set<String> skipped = new TreeSet<>();
    private final List<String> unreadable = new ArrayList<>();

    public static void main(String[] arguments) throws IOException {
        var summary = new ResultSummary();
        FileTime oldest = FileTime.fromMillis(0);
        var folders = new ArrayList<Path>();
        for (int i = 0; i < arguments.length; i++) {
            if (arguments[i].equals("--newer-than") && i + 1 < arguments.length) {
                oldest = Files.getLastModifiedTime(Path.of(arguments[++i]));
            } else {
                folders.add(Path.of(arguments[i]));
            }
        }
        for (Path folder : folders.isEmpty() ? List.of(Path.of(".")) : folders) {
            for (Path report : reports(folder, oldest)) {
                summary.read(report);
            }
        }
        System.exit(summary.print() ? 0 : 1);
    }

    private static List<Path> reports(Path folder, FileTime oldest) throws IOException {
        var reports = new ArrayList<Path>();
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path visited, BasicFileAttributes attributes) {
                boolean passBy = visited.getFileName() != null
                        && PASSED_BY.contains(visited.getFileName().toString());
                return passBy ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                String name = file.getFileName().toString();
                boolean inReports = file.getParent() != null
                        && file.getParent().endsWith("surefire-reports");
                if (inReports
                        && name.startsWith("TEST-")
                        && name.endsWith(".xml")
                        && attributes.lastModifiedTime().compareTo(oldest) >= 0) {
                    reports.add(file);
                }
                return FileVisitResult.CONTINUE;
            }
        });
        reports.sort(null);
        return reports;
    }

    private void read(Path report) throws IOException {
        try {
            var factory = DocumentBuilderFactory.newInstance();
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            var builder = factory.newDocumentBuilder();
            builder.setErrorHandler(null);
            NodeList tests = builder.parse(report.toFile()).getElementsByTagName("testcase");
            for (int i = 0; i < tests.getLength(); i++) {
                count((Element) tests.item(i));
            }
        } catch (SAXException | ParserConfigurationException e) {
            unreadable.add(report + ": " + e.getMessage());
        }
    }

    private void count(Element test) {
        String name = test.getAttribute("classname") + "." + test.getAttribute("name");
        Element skip = child(test, "skipped");
        Element failure = child(test, "failure") != null ? child(test, "failure") : child(test, "error");
        if (failure != null) {
            failed.add(name + ": " + reason(failure));
        } else if (skip != null) {
            skipped.add(name + ": " + reason(skip));
        } else {
            passed++;
        }
    }

    private static Element child(Element parent, String tag) {
        NodeList found = parent.getElementsByTagName(tag);
        return found.getLength() == 0 ? null : (Element) found.item(0);
    }

    private static String reason(Element element) {
        String message = element.getAttribute("message").isBlank() ? element.getTextContent() : element.getAttribute("message");
        String line = message.strip().replaceAll("\\s+", " ").replaceFirst("^Assumption failed: ", "");
        if (line.isEmpty()) {
            return "no reason is given";
        }
        return line.length() > REASON_LENGTH ? line.substring(0, REASON_LENGTH) + "..." : line;
    }

    /** Whether the run was good. */
    private boolean print() {
        skipped.forEach(test -> System.out.println("skipped  " + test));
        failed.forEach(test -> System.out.println("failed   " + test));
        unreadable.forEach(report -> System.out.println("unreadable report, so its tests are not counted: " + report));
        if (passed == 0) {
            System.out.println("No test has passed: were the tests run at all?");
        }
        System.out.println(passed + " passed, " + failed.size() + " failed, " + skipped.size() + " skipped");
        return failed.isEmpty() && unreadable.isEmpty() && passed > 0;
    }
}
