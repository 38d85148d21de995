// What Auditbeat's library makes of audit records: lines in, one JSON object per line out.
package main

import (
	"bufio"
	"encoding/json"
	"log"
	"os"

	"github.com/elastic/go-libaudit/v2/aucoalesce"
	"github.com/elastic/go-libaudit/v2/auparse"
)

func main() {
	output := json.NewEncoder(os.Stdout)
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		message, err := auparse.ParseLogLine(lines.Text())
		if err != nil {
			log.Fatal(err)
		}
		event, err := aucoalesce.CoalesceMessages([]*auparse.AuditMessage{message})
		if err != nil {
			log.Fatal(err)
		}
		err = output.Encode(map[string]interface{}{
			"sequence": event.Sequence,
			"result":   event.Result,
			"session":  event.Session,
			"category": event.ECS.Event.Category,
			"type":     event.ECS.Event.Type,
			"summary":  event.Summary,
			"user":     event.User,
			"process":  event.Process,
			"data":     event.Data,
		})
		if err != nil {
			log.Fatal(err)
		}
	}
	if err := lines.Err(); err != nil {
		log.Fatal(err)
	}
}
