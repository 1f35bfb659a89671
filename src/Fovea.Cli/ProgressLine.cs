namespace Fovea.Cli;

/// <summary>The share of a task that is done, on one line of standard error that is gone when it is over; silent without a terminal.</summary>
internal sealed class ProgressLine(string what) : IProgress<double>, IDisposable
{
    private readonly Lock gate = new();
    private readonly bool isShown = !Console.IsErrorRedirected;
    private int shown = -1;

    public void Report(double value)
    {
        var percent = (int)(100 * value);
        if (!isShown || percent <= shown)
            return;
        lock (gate)
        {
            if (percent <= shown)
                return;
            shown = percent;
            Console.Error.Write($"\r{what} {percent} %");
        }
    }

    public void Dispose()
    {
        if (shown >= 0)
            Console.Error.Write($"\r{new string(' ', what.Length + 6)}\r");
    }
}
