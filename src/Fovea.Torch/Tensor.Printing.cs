using System.Globalization;
using System.Text;

namespace Fovea.Torch;

/// <content>Text that a person can read.</content>
public sealed partial class Tensor
{
    private const int EdgeItems = 3;
    private const int FullUpTo = 200;

    /// <summary>Type, shape, device and values in columns; long tensors show the ends of each dimension.</summary>
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
        var shorten = Count > FullUpTo;
        // Only what is shown is copied: a tensor may be larger than memory has room for twice.
        var shown = shorten ? Ends(Detach()) : Detach();
        var cells = Cells(shown.To(Device.Cpu));
        var width = cells.Max(static cell => cell.Length);
        text.AppendLine();
        Print(text, Array.ConvertAll(cells, cell => cell.PadLeft(width)), shown.Shape.Span, Shape.Span, 0);
        return text.ToString();
    }

    private static Tensor Ends(Tensor tensor)
    {
        for (var i = 0; i < tensor.Rank; i++)
        {
            var size = tensor.Shape[i];
            if (size > 2 * EdgeItems)
                tensor = Aten.Cat([tensor.Narrow(i, 0, EdgeItems), tensor.Narrow(i, size - EdgeItems, EdgeItems)], i);
        }

        return tensor;
    }

    private static string[] Cells(Tensor shown)
    {
        if (shown.Dtype == Dtype.Bool)
            return Array.ConvertAll(shown.To(Dtype.Int64).ToArray<long>(), static value => value != 0 ? "true" : "false");
        if (!shown.Dtype.IsFloatingPoint())
            return Array.ConvertAll(shown.To(Dtype.Int64).ToArray<long>(), static value => value.ToString(CultureInfo.InvariantCulture));
        var values = shown.To(Dtype.Float64).ToArray<double>();
        var largest = values.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty().Max();
        var format = largest is >= 1e5 or < 1e-3 and > 0 ? "0.0000e+00" : "0.0000";
        return Array.ConvertAll(values, value => value.ToString(format, CultureInfo.InvariantCulture));
    }

    private static void Print(StringBuilder text, ReadOnlySpan<string> cells, ReadOnlySpan<long> shown, ReadOnlySpan<long> whole, int indent)
    {
        if (shown.IsEmpty)
        {
            text.Append(cells[0]);
            return;
        }

        var separator = shown.Length == 1 ? ", " : ",\n" + new string(' ', indent + 1);
        var stride = cells.Length / (int)shown[0];
        text.Append('[');
        for (var i = 0; i < shown[0]; i++)
        {
            if (i > 0)
                text.Append(separator);
            if (i == EdgeItems && shown[0] < whole[0])
                text.Append("...").Append(separator);
            Print(text, cells.Slice(i * stride, stride), shown[1..], whole[1..], indent + 1);
        }

        text.Append(']');
    }
}
