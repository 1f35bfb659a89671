using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace Fovea.Training.Recipes;

/// <summary>What the reader, the writer and the reference of recipes need to know about the typed records.</summary>
internal static class RecipeShape
{
    private static readonly NullabilityInfoContext Nullability = new();

    /// <summary>The keys of a section with the properties behind them, in the order of the source.</summary>
    public static IReadOnlyList<(string Key, PropertyInfo Property)> Keys(Type section) =>
        [.. section.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(static property => property.CanWrite)
            .OrderBy(static property => property.MetadataToken).Select(static property => (SnakeCase(property.Name), property))];

    public static bool IsSection(Type type) => type is { IsClass: true, IsSealed: true } && type != typeof(string) && type != typeof(RecipeValue)
        && type != typeof(TransformStep) && !type.IsArray;

    public static bool IsRequired(PropertyInfo property) => property.IsDefined(typeof(RequiredMemberAttribute));

    public static bool AllowsNull(PropertyInfo property)
    {
        lock (Nullability)
            return Nullability.Create(property).WriteState == NullabilityState.Nullable;
    }

    /// <summary>The element type of a list, or null.</summary>
    public static Type? ListElement(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? type.GetGenericArguments()[0] : null;

    /// <summary>The value type of a map by name, or null.</summary>
    public static Type? MapValue(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>) ? type.GetGenericArguments()[1] : null;

    /// <summary>Whether a key has a meaning beside the value of the key it depends on.</summary>
    public static bool Applies(PropertyInfo property, object section)
    {
        if (property.GetCustomAttribute<OnlyForAttribute>() is not { } only)
            return true;
        var value = section.GetType().GetProperty(only.Of)!.GetValue(section)!;
        return only.Names.Contains(SnakeCase(value.ToString()!));
    }

    /// <summary>"BatchSize" to "batch_size", "Fp32" to "fp32".</summary>
    public static string SnakeCase(string name)
    {
        var text = new StringBuilder();
        foreach (var letter in name)
        {
            if (char.IsUpper(letter) && text.Length > 0)
                text.Append('_');
            text.Append(char.ToLowerInvariant(letter));
        }

        return text.ToString();
    }
}
