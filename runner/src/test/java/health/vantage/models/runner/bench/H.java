import java.nio.file.*;
import java.security.*;

public class H {
    public static void main(String[] a) throws Exception {
        var t = System.nanoTime();
        var d = MessageDigest.getInstance("SHA-256");
        byte[] b = new byte[256 << 10];
        for (int i = 0; i < 4096; i++) {
            d.update(b, 0, b.length);
            if (i == 64 || i == 512 || i == 4095) System.out.println(i + " " + (System.nanoTime() - t) / 1e6);
        }
    }
}
