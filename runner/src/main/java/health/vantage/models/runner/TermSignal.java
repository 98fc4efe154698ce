package health.vantage.models.runner;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.CountDownLatch;

/**
 * Waits for TERM or INT. A shutdown hook would be the usual way and is deadly here: ONNX Runtime frees its environment in a hook of its own,
 * hooks run side by side, and a run in flight then takes the process down with SIGSEGV.
 */
final class TermSignal {
    private final CountDownLatch come = new CountDownLatch(1);

    private TermSignal() {}

    /** From now on the signals no longer end the process. */
    static TermSignal intercept() {
        TermSignal signal = new TermSignal();
        signal.handle("TERM");
        signal.handle("INT");
        return signal;
    }

    void await() throws InterruptedException {
        come.await();
    }

    /**
     * By reflection: {@code sun.misc.Signal} is the only way the JDK offers (module jdk.unsupported, kept by JEP 260), and naming it is a
     * warning that cannot be switched off.
     */
    private void handle(String name) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object ours = Proxy.newProxyInstance(
                    TermSignal.class.getClassLoader(), new Class<?>[] {handler}, (proxy, method, arguments) -> {
                        switch (method.getName()) {
                            case "handle" -> come.countDown();
                            case "equals" -> {
                                return proxy == arguments[0];
                            }
                            case "hashCode" -> {
                                return System.identityHashCode(proxy);
                            }
                            default -> {
                                return "the runner's handler of " + name;
                            }
                        }
                        return null;
                    });
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), ours);
        } catch (ClassNotFoundException
                | NoSuchMethodException
                | InstantiationException
                | IllegalAccessException
                | InvocationTargetException e) {
            throw new IllegalStateException("this Java runtime cannot intercept SIG" + name + ": " + e, e);
        }
    }
}
