using Fovea.Torch.Serialization;

namespace Fovea.Torch.Tests.Serialization;

/// <summary>Makes broken copies of files and checks that readers take them with dignity.</summary>
internal static class Damage
{
    /// <summary>Truncations, single flipped bytes (several values each) and random bursts; the same ones in every run.</summary>
    public static IEnumerable<byte[]> Of(byte[] good, int stride = 1)
    {
        for (var length = 0; length < good.Length; length += stride)
            yield return good[..length];
        for (var at = 0; at < good.Length; at += stride)
        {
            foreach (var flip in new byte[] { 0x01, 0x80, 0xff })
            {
                byte[] broken = [.. good];
                broken[at] ^= flip;
                yield return broken;
            }
        }

        var random = new Random(1);
        for (var i = 0; i < 500; i++)
        {
            byte[] broken = [.. good];
            for (var burst = random.Next(1, 8); burst > 0; burst--)
                broken[random.Next(broken.Length)] = (byte)random.Next(256);
            yield return broken;
        }
    }

    /// <summary>Opens the file and reads every tensor: true when that works, false when it is refused; anything else fails the test.</summary>
    public static bool OpensOrRefuses(string path)
    {
        try
        {
            using var file = WeightsFile.Open(path);
            foreach (var tensor in file.Tensors.Values)
                tensor.CopyTo(new byte[tensor.ByteCount]);
            return true;
        }
        catch (FoveaException)
        {
            return false;
        }
    }
}
