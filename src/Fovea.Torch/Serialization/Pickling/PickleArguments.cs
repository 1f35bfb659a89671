using System.Numerics;

namespace Fovea.Torch.Serialization.Pickling;

/// <summary>The arguments of a call in a pickle, with typed access that names the call when one is wrong.</summary>
internal sealed class PickleArguments(string file, string function, object?[] items)
{
    public string File => file;

    public string Function => function;

    public int Count => items.Length;

    public object? Any(int index) => index < items.Length ? items[index] : throw Wrong(index, "an argument");

    public T Get<T>(int index, string expected) where T : class => Any(index) as T ?? throw Wrong(index, expected);

    public long Integer(int index) => Any(index) is long value and >= 0 ? value : throw Wrong(index, "an integer, not negative");

    public long[] Integers(int index)
    {
        var values = Any(index) switch
        {
            PickleTuple tuple => tuple.Items,
            List<object?> list => [.. list],
            _ => throw Wrong(index, "a tuple of integers"),
        };
        return values.Length <= 64 && values.All(static value => value is long and >= 0)
            ? [.. values.Select(static value => (long)value!)]
            : throw Wrong(index, "at most 64 integers, none negative");
    }

    public DataException Wrong(int index, string expected) =>
        new(file, $"argument {index} of {function}", index < items.Length ? Describe(items[index]) : "nothing", expected);

    public static string Describe(object? value) => value switch
    {
        null => "None",
        string text => $"'{(text.Length > 60 ? text[..60] + "..." : text)}'",
        long or double or bool => FormattableString.Invariant($"{value}"),
        BigInteger => "a number beyond 64 bits",
        PickleTuple => "a tuple",
        List<object?> => "a list",
        PickleDict => "a dict",
        PickleTensor or PickleStorage => "a tensor or storage",
        PickleGlobal global => global.Name,
        PickleOpaque opaque => opaque.Kind,
        byte[] => "bytes",
        _ => value.GetType().Name,
    };
}
