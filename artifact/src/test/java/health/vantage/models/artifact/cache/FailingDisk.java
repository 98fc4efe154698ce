package health.vantage.models.artifact.cache;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.StandardOpenOption;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The real disk up to its n-th change; from then on every change fails, those of cleaning up too. What is left on the disk
 * is what a kill between two changes would leave.
 */
final class FailingDisk extends FileSystemProvider {
    private final FileSystem system = new Disk();
    private final FileSystemProvider real;
    private final int changes;
    private final AtomicInteger left;

    FailingDisk(Path folder, int changes) {
        this.real = folder.getFileSystem().provider();
        this.changes = changes;
        this.left = new AtomicInteger(changes);
    }

    boolean failed() {
        return left.get() < 0;
    }

    int changes() {
        return changes - left.get();
    }

    private void change() throws IOException {
        if (left.decrementAndGet() < 0) {
            throw new IOException("the power is out");
        }
    }

    /** A path whose operations go through this disk. */
    Path wrap(Path path) {
        if (path == null || Proxy.isProxyClass(path.getClass())) {
            return path;
        }
        return (Path)
                Proxy.newProxyInstance(Path.class.getClassLoader(), new Class<?>[] {Path.class}, (self, method, a) -> {
                    if (method.getName().equals("getFileSystem")) {
                        return system;
                    }
                    if (method.getName().equals("iterator")) {
                        return wrapped(path.iterator());
                    }
                    Object[] arguments = a == null ? new Object[0] : a.clone();
                    for (int i = 0; i < arguments.length; i++) {
                        arguments[i] = arguments[i] instanceof Path p ? plain(p) : arguments[i];
                    }
                    try {
                        Object result = method.invoke(path, arguments);
                        return result instanceof Path p ? wrap(p) : result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private Iterator<Path> wrapped(Iterator<Path> paths) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return paths.hasNext();
            }

            @Override
            public Path next() {
                return wrap(paths.next());
            }
        };
    }

    private static Path plain(Path path) {
        return Proxy.isProxyClass(path.getClass()) ? Path.of(path.toString()) : path;
    }

    private void changeIfWritten(Set<? extends OpenOption> options) throws IOException {
        if (options.contains(StandardOpenOption.WRITE) || options.contains(StandardOpenOption.APPEND)) {
            change();
        }
    }

    @Override
    public FileChannel newFileChannel(Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException {
        changeIfWritten(options);
        return real.newFileChannel(plain(path), options, attributes);
    }

    @Override
    public SeekableByteChannel newByteChannel(
            Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes) throws IOException {
        changeIfWritten(options);
        return real.newByteChannel(plain(path), options, attributes);
    }

    @Override
    public InputStream newInputStream(Path path, OpenOption... options) throws IOException {
        return real.newInputStream(plain(path), options);
    }

    @Override
    public OutputStream newOutputStream(Path path, OpenOption... options) throws IOException {
        change();
        return real.newOutputStream(plain(path), options);
    }

    @Override
    public DirectoryStream<Path> newDirectoryStream(Path folder, DirectoryStream.Filter<? super Path> filter)
            throws IOException {
        DirectoryStream<Path> names = real.newDirectoryStream(plain(folder), filter);
        return new DirectoryStream<>() {
            @Override
            public Iterator<Path> iterator() {
                return wrapped(names.iterator());
            }

            @Override
            public void close() throws IOException {
                names.close();
            }
        };
    }

    @Override
    public void createDirectory(Path folder, FileAttribute<?>... attributes) throws IOException {
        change();
        real.createDirectory(plain(folder), attributes);
    }

    @Override
    public void createLink(Path link, Path existing) throws IOException {
        change();
        real.createLink(plain(link), plain(existing));
    }

    @Override
    public void delete(Path path) throws IOException {
        change();
        real.delete(plain(path));
    }

    @Override
    public void copy(Path from, Path to, CopyOption... options) throws IOException {
        change();
        real.copy(plain(from), plain(to), options);
    }

    @Override
    public void move(Path from, Path to, CopyOption... options) throws IOException {
        change();
        real.move(plain(from), plain(to), options);
    }

    @Override
    public void setAttribute(Path path, String name, Object value, LinkOption... options) throws IOException {
        change();
        real.setAttribute(plain(path), name, value, options);
    }

    @Override
    public boolean isSameFile(Path one, Path other) throws IOException {
        return real.isSameFile(plain(one), plain(other));
    }

    @Override
    public boolean isHidden(Path path) throws IOException {
        return real.isHidden(plain(path));
    }

    @Override
    public FileStore getFileStore(Path path) throws IOException {
        return real.getFileStore(plain(path));
    }

    @Override
    public void checkAccess(Path path, AccessMode... modes) throws IOException {
        real.checkAccess(plain(path), modes);
    }

    @Override
    public <V extends FileAttributeView> V getFileAttributeView(Path path, Class<V> type, LinkOption... options) {
        return real.getFileAttributeView(plain(path), type, options);
    }

    @Override
    public <A extends BasicFileAttributes> A readAttributes(Path path, Class<A> type, LinkOption... options)
            throws IOException {
        return real.readAttributes(plain(path), type, options);
    }

    @Override
    public Map<String, Object> readAttributes(Path path, String names, LinkOption... options) throws IOException {
        return real.readAttributes(plain(path), names, options);
    }

    @Override
    public String getScheme() {
        return "failing";
    }

    @Override
    public FileSystem newFileSystem(URI uri, Map<String, ?> environment) {
        throw new UnsupportedOperationException("one disk per test");
    }

    @Override
    public FileSystem getFileSystem(URI uri) {
        return system;
    }

    @Override
    public Path getPath(URI uri) {
        return wrap(Path.of(uri));
    }

    /** Only what paths need of it. */
    private final class Disk extends FileSystem {
        @Override
        public FileSystemProvider provider() {
            return FailingDisk.this;
        }

        @Override
        public void close() {
            throw new UnsupportedOperationException("it is the real one");
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public boolean isReadOnly() {
            return false;
        }

        @Override
        public String getSeparator() {
            return "/";
        }

        @Override
        public Iterable<Path> getRootDirectories() {
            return Set.of(wrap(Path.of("/")));
        }

        @Override
        public Iterable<FileStore> getFileStores() {
            return Set.of();
        }

        @Override
        public Set<String> supportedFileAttributeViews() {
            return Set.of("basic", "posix");
        }

        @Override
        public Path getPath(String first, String... more) {
            return wrap(Path.of(first, more));
        }

        @Override
        public PathMatcher getPathMatcher(String pattern) {
            throw new UnsupportedOperationException(pattern);
        }

        @Override
        public UserPrincipalLookupService getUserPrincipalLookupService() {
            throw new UnsupportedOperationException("users");
        }

        @Override
        public WatchService newWatchService() {
            throw new UnsupportedOperationException("watching");
        }
    }
}
