using System.Globalization;
using System.Text;

namespace Fovea.Torch;

/// <content>Text that a person can read.</content>
public sealed partial class Tensor
{
    private const int EdgeItems = 3;
    private const int FullUpTo = 200;

    /// <summary>Type, shape, device and values; long tensors show the ends of each dimension.</summary>
    public override string ToString()
    {
        if (IsDisposed)
            return "Tensor (disposed)";
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Dtype}{Shape} on {Device}");
        if (Count == 0)
            return text.ToString();
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var values = Detach().To(Device.Cpu).To(Dtype.Float64).Contiguous();
        var isReal = Dtype.IsFloatingPoint();
        text.AppendLine();
        Print(text, values.Span<double>(), Shape.Span, 0, Count > FullUpTo, Dtype == Dtype.Bool ? v => v != 0 ? "true" : "false" : Formatter(values.Span<double>(), isReal));
        return text.ToString();
    }

    private static Func<double, string> Formatter(ReadOnlySpan<double> values, bool isReal)
    {
        double largest = 0;
        foreach (var value in values)
        {
            if (double.IsFinite(value))
                largest = Math.Max(largest, Math.Abs(value));
        }

        var format = !isReal ? "0" : largest is >= 1e5 or < 1e-3 and > 0 ? "0.0000e+00" : "0.0000";
        return value => value.ToString(format, CultureInfo.InvariantCulture).PadLeft(1);
    }

    private static void Print(StringBuilder text, ReadOnlySpan<double> values, ReadOnlySpan<long> sizes, int indent, bool shorten, Func<double, string> format)
    {
        if (sizes.IsEmpty)
        {
            text.Append(format(values[0]));
            return;
        }

        var size = (int)sizes[0];
        var stride = size == 0 ? 0 : values.Length / size;
        text.Append('[');
        for (var i = 0; i < size; i++)
        {
            if (i > 0)
                text.Append(sizes.Length == 1 ? ", " : ",\n" + new string(' ', indent + 1));
            if (shorten && size > 2 * EdgeItems && i == EdgeItems)
            {
                text.Append("...");
                i = size - EdgeItems - 1;
                continue;
            }

            Print(text, values.Slice(i * stride, stride), sizes[1..], indent + 1, shorten, format);
        }

        text.Append(']');
    }
}
