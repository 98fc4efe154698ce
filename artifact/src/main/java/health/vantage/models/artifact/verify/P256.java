package health.vantage.models.artifact.verify;

import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.spec.ECFieldFp;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;

/**
 * The public point of a P-256 private key: PKCS#8 files often lack it, and the JDK does not compute it. Not constant
 * time; it is for the signer's own key on the signer's own machine.
 */
final class P256 {
    private P256() {}

    static ECPoint publicPoint(BigInteger secret) throws GeneralSecurityException {
        AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
        parameters.init(new ECGenParameterSpec("secp256r1"));
        ECParameterSpec curve = parameters.getParameterSpec(ECParameterSpec.class);
        BigInteger p = ((ECFieldFp) curve.getCurve().getField()).getP();
        BigInteger a = curve.getCurve().getA();
        ECPoint sum = ECPoint.POINT_INFINITY;
        ECPoint power = curve.getGenerator();
        for (int i = 0; i < secret.bitLength(); i++) {
            if (secret.testBit(i)) {
                sum = add(sum, power, a, p);
            }
            power = add(power, power, a, p);
        }
        return sum;
    }

    private static ECPoint add(ECPoint left, ECPoint right, BigInteger a, BigInteger p) {
        if (left.equals(ECPoint.POINT_INFINITY)) {
            return right;
        }
        if (right.equals(ECPoint.POINT_INFINITY)) {
            return left;
        }
        BigInteger slope;
        if (left.getAffineX().equals(right.getAffineX())) {
            if (!left.getAffineY().equals(right.getAffineY())) {
                return ECPoint.POINT_INFINITY;
            }
            BigInteger three = BigInteger.valueOf(3);
            BigInteger x = left.getAffineX();
            slope = x.multiply(x)
                    .multiply(three)
                    .add(a)
                    .multiply(left.getAffineY().shiftLeft(1).modInverse(p));
        } else {
            slope = right.getAffineY()
                    .subtract(left.getAffineY())
                    .multiply(right.getAffineX().subtract(left.getAffineX()).modInverse(p));
        }
        BigInteger x = slope.multiply(slope)
                .subtract(left.getAffineX())
                .subtract(right.getAffineX())
                .mod(p);
        BigInteger y = slope.multiply(left.getAffineX().subtract(x))
                .subtract(left.getAffineY())
                .mod(p);
        return new ECPoint(x, y);
    }
}
